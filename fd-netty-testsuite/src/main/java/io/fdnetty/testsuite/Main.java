package io.fdnetty.testsuite;

import io.fdnetty.examples.Failures;
import io.fdnetty.examples.ManifestVersion;
import io.fdnetty.examples.Verbosity;
import io.fdnetty.testsuite.chaos.ChaosCommand;
import io.fdnetty.testsuite.chaos.server.ChaosServerCommand;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line of the test suite: what runs longer than a test may. */
@Command(
        name = "fd-netty-testsuite",
        mixinStandardHelpOptions = true,
        versionProvider = ManifestVersion.class,
        description = "Upgrades under faults, as long as you like.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {ChaosCommand.class, ChaosServerCommand.class},
        scope = ScopeType.INHERIT)
public final class Main implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // injected by picocli
    private CommandSpec spec;

    private Main() {}

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Show stack traces and debug logs.")
    void setVerbose(boolean verbose) {
        Verbosity.set(verbose);
    }

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The parser and runner of every command; its exit status is 2 for a wrong command line, 1 for a failure. */
    static CommandLine commandLine() {
        Failures failures = new Failures();
        return new CommandLine(new Main())
                .setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures);
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "Which command?");
    }
}
