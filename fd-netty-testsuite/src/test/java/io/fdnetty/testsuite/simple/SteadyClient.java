package io.fdnetty.testsuite.simple;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;

/**
 * A client that asks and is answered without a pause, over one connection, on a thread of its own. What goes wrong
 * there is thrown where exchanges are awaited, and when it is closed.
 */
final class SteadyClient implements AutoCloseable {
    /** The answer does not say who gave it. */
    static final long NOBODY = 0;

    private static final int TIMEOUT_MILLIS = 20_000;

    /** A question and its answer. */
    interface Exchange {
        /**
         * Asks and checks the answer.
         *
         * @param number of this exchange, from 1
         * @return the process that answered, or {@link #NOBODY}
         */
        long with(BufferedReader in, OutputStream out, long number) throws IOException;
    }

    private final Socket socket;
    private final Thread thread;
    private long exchanges;
    private long answerer;
    private Throwable failure;
    private volatile boolean ending;

    private SteadyClient(Socket socket, Exchange exchange) {
        this.socket = socket;
        thread = new Thread(() -> talk(exchange), "steady client");
    }

    /** Connects and begins. */
    static SteadyClient start(int port, Exchange exchange) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        SteadyClient client = new SteadyClient(socket, exchange);
        client.thread.start();
        return client;
    }

    private void talk(Exchange exchange) {
        try {
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
            OutputStream out = socket.getOutputStream();
            for (long number = 1; !ending; number++) {
                exchanged(exchange.with(in, out, number));
            }
        } catch (IOException | RuntimeException | AssertionError e) {
            failed(e);
        }
    }

    private synchronized void exchanged(long by) {
        exchanges++;
        answerer = by;
        notifyAll();
    }

    private synchronized void failed(Throwable cause) {
        failure = cause;
        notifyAll();
    }

    int port() {
        return socket.getPort();
    }

    synchronized long lastAnswerer() {
        return answerer;
    }

    /** Waits for so many more exchanges. */
    synchronized void awaitExchanges(int more, Duration limit) throws InterruptedException {
        long goal = exchanges + more;
        long deadline = System.nanoTime() + limit.toNanos();
        while (exchanges < goal && failure == null && System.nanoTime() - deadline < 0) {
            wait(limit.toMillis());
        }
        throwFailure();
        if (exchanges < goal) {
            throw new AssertionError("only " + exchanges + " exchanges of " + goal + " in " + limit);
        }
    }

    private synchronized void throwFailure() {
        if (failure != null) {
            throw new AssertionError("the client noticed, after " + exchanges + " exchanges: " + failure, failure);
        }
    }

    @Override
    public void close() throws IOException {
        ending = true;
        try {
            thread.join(TIMEOUT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        socket.close();
        throwFailure();
    }
}
