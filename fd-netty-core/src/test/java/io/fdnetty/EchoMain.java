package io.fdnetty;

import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * One generation of {@link EchoServer} as a process of its own: the control socket is its argument. Ends when a
 * successor has taken over, or with its standard input.
 */
final class EchoMain {
    private EchoMain() {}

    public static void main(String[] args) throws Exception {
        try (EchoServer server = EchoServer.start(Path.of(args[0]), UnaryOperator.identity())) {
            server.upgrader.handedOver().thenAccept(report -> System.exit(0));
            while (System.in.read() >= 0) {
                // Until whoever started this process closes the pipe.
            }
        }
    }
}
