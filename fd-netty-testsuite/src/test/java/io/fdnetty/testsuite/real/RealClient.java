package io.fdnetty.testsuite.real;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One client on one connection for its whole life: always has some requests outstanding, checks that each is answered
 * once and with its own name and address, and that no news is missing or comes twice. Its thread ends when it is told
 * to, and nothing is outstanding, or at the first fault.
 */
final class RealClient implements Runnable {
    private static final int OUTSTANDING = 4;
    private static final int PATIENCE_MILLIS = 30_000;

    private final int number;
    private final int port;
    private final Kind kind;
    private final Set<Long> unanswered = new HashSet<>();
    private final Set<Long> heard = new HashSet<>();
    private final String user;
    private final String source;
    private long sent;
    private long said;
    private long news;
    private volatile long answers;
    private volatile boolean stopping;
    private volatile String fault = "";
    private volatile boolean isIn;

    /** What it does. */
    public enum Kind {
        /** Asks, with some requests outstanding. */
        BUSY,
        /** Asks for much and reads slowly. */
        SLOW,
        /** Asks, and talks in the room. */
        TALKER
    }

    RealClient(int number, int port, Kind kind) {
        this.number = number;
        this.port = port;
        this.kind = kind;
        this.user = "user" + number;
        this.source = "192.0.2." + (1 + number % 250) + ':' + (10_000 + number);
    }

    void stop() {
        stopping = true;
    }

    String fault() {
        return fault;
    }

    long answers() {
        return answers;
    }

    /** Whether it is logged in. */
    boolean isIn() {
        return isIn;
    }

    Set<Long> heard() {
        return heard;
    }

    long said() {
        return said;
    }

    @Override
    public void run() {
        try (Socket socket = new Socket()) {
            if (kind == Kind.SLOW) {
                socket.setReceiveBufferSize(8 << 10);
            }
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.setSoTimeout(PATIENCE_MILLIS);
            talk(
                    new DataInputStream(new BufferedInputStream(socket.getInputStream(), 4 << 10)),
                    new DataOutputStream(new BufferedOutputStream(socket.getOutputStream())));
        } catch (IOException | RuntimeException e) {
            fault = user + ": " + e + " after " + answers + " answers, " + unanswered.size() + " outstanding";
        }
    }

    private void talk(DataInputStream in, DataOutputStream out) throws IOException {
        String[] from = source.split(":", -1);
        out.write(("PROXY TCP4 " + from[0] + " 192.0.2.254 " + from[1] + " 80\r\n").getBytes(UTF_8));
        send(out, "LOGIN " + user);
        out.flush();
        String[] welcome = read(in).split(" ", -1);
        require(welcome[0].equals("WELCOME") && welcome[1].equals(user) && welcome[2].equals(source), "no welcome");
        news = Long.parseLong(welcome[3]);
        isIn = true;
        while (!stopping || !unanswered.isEmpty()) {
            ask(out);
            hear(read(in));
        }
    }

    private void ask(DataOutputStream out) throws IOException {
        int most = kind == Kind.SLOW ? 1 : OUTSTANDING;
        while (!stopping && unanswered.size() < most) {
            sent++;
            unanswered.add(sent);
            send(out, (kind == Kind.SLOW ? "BIG " : "REQ ") + sent);
            if (kind == Kind.TALKER) {
                said++;
                send(out, "SAY " + number + '/' + said);
            }
            send(out, "BEAT");
        }
        out.flush();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only its own thread counts
    private void hear(String line) {
        String[] words = line.split(" ", 3);
        long id = Long.parseLong(words[1]);
        switch (words[0]) {
            case "RES" -> {
                require(unanswered.remove(id), "request " + id + " was answered twice");
                require(
                        kind == Kind.SLOW || words[2].equals(user + ' ' + source),
                        "an answer for somebody else: " + words[2]);
                answers++;
            }
            case "NEWS" -> {
                require(id == news + 1, "news " + id + " after " + news);
                news = id;
            }
            case "SAID" -> require(heard.add(id), "heard twice: " + line);
            default -> require(false, "what is this: " + line);
        }
    }

    private static void require(boolean fact, String otherwise) {
        if (!fact) {
            throw new IllegalStateException(otherwise);
        }
    }

    private static void send(DataOutputStream out, String line) throws IOException {
        byte[] bytes = line.getBytes(UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private String read(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        int step = kind == Kind.SLOW ? 32 << 10 : bytes.length;
        for (int at = 0; at < bytes.length; at += step) {
            in.readFully(bytes, at, Math.min(step, bytes.length - at));
            if (bytes.length > step) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10)); // a slow reader, not a wait for something
            }
        }
        return new String(bytes, UTF_8);
    }
}
