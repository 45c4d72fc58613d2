package io.fdnetty.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;

/**
 * What this process logs, at WARN and above, while this is open; it goes to standard error all the same. One at a time.
 */
public final class Logged implements AutoCloseable {
    private final PrintStream before = System.err;
    private final ByteArrayOutputStream copy = new ByteArrayOutputStream();

    public Logged() {
        System.setErr(new PrintStream(new Tee(), true, UTF_8));
    }

    public List<String> lines() {
        return copy.toString(UTF_8).lines().toList();
    }

    /** The lines that contain this text. */
    public List<String> lines(String text) {
        return lines().stream().filter(line -> line.contains(text)).toList();
    }

    @Override
    public void close() {
        System.setErr(before);
    }

    private final class Tee extends OutputStream {
        @Override
        public void write(int single) {
            before.write(single);
            copy.write(single);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            before.write(bytes, from, length);
            copy.write(bytes, from, length);
        }

        @Override
        public void flush() {
            before.flush();
        }
    }
}
