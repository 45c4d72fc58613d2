package io.fdnetty.testsuite.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fdnetty.examples.server.EventLine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;

/**
 * A backend on the JDK's own HTTP server, as a process: it checks what it gets and counts what it executes.
 *
 * <pre>
 *   GET  /small               a few bytes
 *   POST /digest              200 if the body has the CRC32C of the header X-Crc, else 500
 *   GET  /download?BYTES      that many bytes of the {@link Pattern}
 *   GET  /slow?MILLIS         an answer that comes so late
 *   POST /count?ID            executes the request ID once more
 *   GET  /counted             how many ids were executed, and how many times in all
 * </pre>
 */
final class Backend {
    private static final int PIECE = 64 << 10;

    private final Map<String, AtomicInteger> executed = new ConcurrentHashMap<>();
    private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();

    private interface Action {
        void run(HttpExchange exchange) throws IOException;
    }

    public static void main(String[] arguments) throws IOException {
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty("sun.net.httpserver.maxIdleConnections", "2000");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
        new Backend().serve(server);
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
        EventLine.of("listening")
                .with("pid", ProcessHandle.current().pid())
                .with("port", server.getAddress().getPort())
                .print(System.out);
    }

    private void serve(HttpServer server) {
        on(server, "/small", exchange -> answer(exchange, 200, "small\n"));
        on(server, "/digest", Backend::digest);
        on(server, "/download", Backend::download);
        on(server, "/slow", this::slow);
        on(server, "/count", this::count);
        on(server, "/counted", this::counted);
    }

    private static void on(HttpServer server, String path, Action action) {
        server.createContext(path, exchange -> {
            try {
                action.run(exchange);
            } catch (IOException | RuntimeException e) {
                EventLine.of("broken")
                        .with("request", exchange.getRequestURI())
                        .with("reason", e)
                        .print(System.out);
                exchange.close();
            }
        });
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        exchange.getRequestBody().readAllBytes();
        byte[] body = text.getBytes(US_ASCII);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static void digest(HttpExchange exchange) throws IOException {
        CRC32C checksum = new CRC32C();
        byte[] piece = new byte[PIECE];
        InputStream body = exchange.getRequestBody();
        for (int read = body.read(piece); read >= 0; read = body.read(piece)) {
            checksum.update(piece, 0, read);
        }
        String expected = exchange.getRequestHeaders().getFirst("X-Crc");
        String actual = String.valueOf(checksum.getValue());
        answer(exchange, actual.equals(expected) ? 200 : 500, actual);
    }

    private static void download(HttpExchange exchange) throws IOException {
        long length = Long.parseLong(exchange.getRequestURI().getQuery());
        exchange.getRequestBody().readAllBytes();
        exchange.sendResponseHeaders(200, length);
        byte[] piece = new byte[PIECE];
        try (OutputStream body = exchange.getResponseBody()) {
            for (long position = 0; position < length; position += PIECE) {
                int size = (int) Math.min(PIECE, length - position);
                Pattern.fill(piece, size, position);
                body.write(piece, 0, size);
            }
        }
        exchange.close();
    }

    private void slow(HttpExchange exchange) {
        long millis = Long.parseLong(exchange.getRequestURI().getQuery());
        EventLine.of("slow-request").print(System.out);
        later.schedule(
                () -> {
                    answer(exchange, 200, "at last\n");
                    return null;
                },
                millis,
                TimeUnit.MILLISECONDS);
    }

    private void count(HttpExchange exchange) throws IOException {
        String id = exchange.getRequestURI().getQuery();
        int times = executed.computeIfAbsent(id, fresh -> new AtomicInteger()).incrementAndGet();
        answer(exchange, 200, "executed " + times);
    }

    private void counted(HttpExchange exchange) throws IOException {
        long total = executed.values().stream().mapToLong(AtomicInteger::get).sum();
        answer(exchange, 200, executed.size() + " ids, " + total + " times");
    }
}
