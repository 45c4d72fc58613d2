package io.fdnetty.examples;

import io.fdnetty.examples.chat.ChatCommand;
import io.fdnetty.examples.demo.DemoCommand;
import io.fdnetty.examples.pass.ReceiveCommand;
import io.fdnetty.examples.pass.SendCommand;
import io.fdnetty.examples.proxy.ProxyCommand;
import io.fdnetty.examples.server.EchoCommand;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line: each program is a subcommand. */
@Command(
        name = "fd-netty-examples",
        mixinStandardHelpOptions = true,
        versionProvider = ManifestVersion.class,
        description = "Servers that hand their listening sockets and live connections to their new version.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            EchoCommand.class,
            ChatCommand.class,
            ProxyCommand.class,
            SendCommand.class,
            ReceiveCommand.class
        },
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
