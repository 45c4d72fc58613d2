package io.fdnetty.examples;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Turns what a program throws into one line on standard error and an exit status: 2 for the command line, 1 for the
 * rest.
 */
public final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
    @Override
    public int handleParseException(ParameterException failure, String[] args) {
        CommandLine commandLine = failure.getCommandLine();
        PrintWriter err = commandLine.getErr();
        err.println("fd-netty: " + failure.getMessage());
        err.println("Try '" + commandLine.getCommandSpec().qualifiedName() + " --help'.");
        return ExitCode.USAGE;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine commandLine, ParseResult parsed) {
        PrintWriter err = commandLine.getErr();
        err.println("fd-netty: " + describe(failure));
        if (Verbosity.isVerbose()) {
            failure.printStackTrace(err);
        }
        return ExitCode.SOFTWARE;
    }

    /** One line for any failure; a name of an exception only where it carries no message that says it. */
    public static String describe(Throwable failure) {
        String message = failure.getMessage();
        if (failure instanceof NoSuchFileException) {
            return message + ": no such file or directory";
        }
        if (failure instanceof AccessDeniedException) {
            return message + ": permission denied";
        }
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName() + " (-v shows where)";
        }
        return failure instanceof FileSystemException || isWritten(failure)
                ? oneLine(message)
                : oneLine(failure.getClass().getSimpleName() + ": " + message);
    }

    private static boolean isWritten(Throwable failure) {
        return failure instanceof ProgramException
                || failure.getClass().getName().startsWith("io.fdnetty.")
                || failure instanceof IOException;
    }

    private static String oneLine(String message) {
        return message.strip().replaceAll("\\R\\s*", "; ");
    }
}
