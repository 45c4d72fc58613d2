package io.fdnetty.testsuite.simple;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** What stands behind the proxy: sends back what it gets, and counts its connections. */
final class EchoBackend implements AutoCloseable {
    private final ServerSocket listener;
    private final AtomicInteger accepted = new AtomicInteger();

    private EchoBackend(ServerSocket listener) {
        this.listener = listener;
    }

    static EchoBackend start() throws IOException {
        EchoBackend backend = new EchoBackend(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        daemon(backend::accept);
        return backend;
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "echo backend");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            for (; ; ) {
                Socket connection = listener.accept();
                accepted.incrementAndGet();
                daemon(() -> echo(connection));
            }
        } catch (IOException closed) {
            // the end of the test
        }
    }

    private static void echo(Socket connection) {
        try (connection) {
            connection.getInputStream().transferTo(connection.getOutputStream());
        } catch (IOException gone) {
            // the client of the test has seen it, too
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    int accepted() {
        return accepted.get();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
