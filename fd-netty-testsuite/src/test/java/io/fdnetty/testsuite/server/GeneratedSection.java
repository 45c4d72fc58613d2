package io.fdnetty.testsuite.server;

import io.fdnetty.StateSection;
import io.fdnetty.examples.server.EventLine;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A state section of any size for tests: pseudo-random bytes that are made while they are written, and digested while
 * they are read, so that neither side ever holds them.
 *
 * <p>Both sides tell length and SHA-256 of what they saw: {@code event=saved section=… bytes=… sha256=…} and
 * {@code event=loaded …}.
 */
final class GeneratedSection implements StateSection {
    private static final int PIECE = 1 << 15;

    /** What goes wrong. */
    enum Trouble {
        NONE,
        /** Cannot be saved to its end. */
        SAVE_THROWS,
        /** Cannot be loaded. */
        LOAD_THROWS,
        /** Is saved steadily, on a slow disk: 32 KiB in 50 ms. */
        SAVED_SLOWLY,
        /** Hangs while it is saved for the first time. */
        SAVE_HANGS_ONCE,
        /** Reads the first byte only, and is content. */
        READS_LITTLE
    }

    private final String name;
    private final boolean finalState;
    private final boolean required;
    private final long bytes;
    private final Trouble trouble;
    private final AtomicBoolean hung = new AtomicBoolean();

    private GeneratedSection(String name, boolean finalState, boolean required, long bytes, Trouble trouble) {
        this.name = name;
        this.finalState = finalState;
        this.required = required;
        this.bytes = bytes;
        this.trouble = trouble;
    }

    /** Reads {@code name:snapshot|final:required|optional:bytes:trouble}. */
    static GeneratedSection parse(String text) {
        String[] parts = text.split(":", -1);
        return new GeneratedSection(
                parts[0],
                parts[1].equals("final"),
                parts[2].equals("required"),
                Long.parseLong(parts[3]),
                Trouble.valueOf(parts[4]));
    }

    String name() {
        return name;
    }

    boolean isFinal() {
        return finalState;
    }

    @Override
    public boolean required() {
        return required;
    }

    @Override
    public void save(OutputStream out) throws IOException {
        SplittableRandom random = new SplittableRandom(name.hashCode());
        MessageDigest digest = sha256();
        ByteBuffer piece = ByteBuffer.allocate(PIECE);
        for (long left = bytes; left > 0; left -= PIECE) {
            for (int i = 0; i < PIECE; i += Long.BYTES) {
                piece.putLong(i, random.nextLong());
            }
            int now = (int) Math.min(left, PIECE);
            digest.update(piece.array(), 0, now);
            out.write(piece.array(), 0, now);
            if (trouble == Trouble.SAVE_THROWS) {
                throw new IOException("the disk is on fire");
            }
            waste();
        }
        tell("saved", bytes, digest);
    }

    private void waste() throws IOException {
        try {
            if (trouble == Trouble.SAVED_SLOWLY) {
                TimeUnit.MILLISECONDS.sleep(50);
            } else if (trouble == Trouble.SAVE_HANGS_ONCE && hung.compareAndSet(false, true)) {
                EventLine.of("hangs").print(System.out);
                new CountDownLatch(1).await();
            }
        } catch (InterruptedException e) {
            EventLine.of("interrupted").print(System.out);
            throw new InterruptedIOException("the upgrade is over");
        }
    }

    @Override
    public void load(int version, InputStream in) throws IOException {
        MessageDigest digest = sha256();
        if (trouble == Trouble.READS_LITTLE) {
            tell("loaded", in.read() < 0 ? 0 : 1, digest);
            return;
        }
        byte[] piece = new byte[PIECE];
        long length = 0;
        for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
            digest.update(piece, 0, read);
            length += read;
            if (trouble == Trouble.LOAD_THROWS) {
                throw new IOException("a room without a door");
            }
        }
        tell("loaded", length, digest);
    }

    private void tell(String event, long length, MessageDigest digest) {
        EventLine.of(event)
                .with("section", name)
                .with("bytes", length)
                .with("sha256", HexFormat.of().formatHex(digest.digest()))
                .print(System.out);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
