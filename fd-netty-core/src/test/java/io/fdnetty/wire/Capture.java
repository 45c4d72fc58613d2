package io.fdnetty.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What both sides of one upgrade said, in the order in which it passed: two files of bytes as they were on the wire,
 * one for each side, carrier bytes included, and an index for people, which also tells the order and the kinds of the
 * descriptors.
 *
 * @param perMessage the agreed number of descriptors that one carrier byte stands for
 */
public record Capture(String name, int perMessage, List<CapturedFrame> frames) {
    private static final String PLACE = "/wire/v1/";

    /** The frames of one side. */
    List<CapturedFrame> of(boolean incumbent) {
        return frames.stream().filter(frame -> frame.incumbent() == incumbent).toList();
    }

    static Capture load(String name) throws IOException {
        ByteBuffer incumbent = ByteBuffer.wrap(resource(name + ".incumbent.bin"));
        ByteBuffer successor = ByteBuffer.wrap(resource(name + ".successor.bin"));
        List<CapturedFrame> frames = new ArrayList<>();
        int perMessage = 1;
        for (String line : index(name)) {
            if (!line.startsWith("#")) {
                boolean fromIncumbent = line.startsWith("incumbent");
                CapturedFrame frame = next(fromIncumbent ? incumbent : successor, line, fromIncumbent, perMessage);
                frames.add(frame);
                perMessage = frame.type() == 2 ? agreed(frame) : perMessage;
            }
        }
        if (incumbent.hasRemaining() || successor.hasRemaining()) {
            throw new IOException(name + ": more bytes than the index has frames");
        }
        return new Capture(name, perMessage, List.copyOf(frames));
    }

    static List<String> index(String name) throws IOException {
        return new String(resource(name + ".txt"), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }

    private static byte[] resource(String file) throws IOException {
        try (InputStream in = Capture.class.getResourceAsStream(PLACE + file)) {
            return Objects.requireNonNull(in, file).readAllBytes();
        }
    }

    private static CapturedFrame next(ByteBuffer bytes, String line, boolean incumbent, int perMessage) {
        int type = bytes.get() & 0xff;
        int flags = bytes.get() & 0xff;
        int descriptors = bytes.getShort() & 0xffff;
        byte[] payload = new byte[bytes.getInt()];
        bytes.get(payload);
        bytes.position(bytes.position() + carriers(descriptors, perMessage));
        String head = line.substring(0, line.indexOf('|')).trim();
        int plus = head.indexOf('+');
        List<String> kinds =
                plus < 0 ? List.of() : List.of(head.substring(plus + 1).split(","));
        if (kinds.size() != descriptors) {
            throw new IllegalStateException(line + ": " + descriptors + " descriptors");
        }
        return new CapturedFrame(incumbent, type, flags, payload, kinds);
    }

    static int carriers(int descriptors, int perMessage) {
        return (descriptors + perMessage - 1) / perMessage;
    }

    /** What WELCOME says, for the frames behind it. */
    static int agreed(CapturedFrame welcome) {
        return ByteBuffer.wrap(welcome.payload()).getShort(18) & 0xffff;
    }

    List<String> index() {
        List<String> lines = new ArrayList<>();
        lines.add("# " + name
                + ": one line for each frame, in the order in which they passed; ~ differs from run to run");
        frames.forEach(frame -> lines.add(frame.summary()));
        return lines;
    }

    void save(Path directory) throws IOException {
        try (OutputStream incumbent = Files.newOutputStream(directory.resolve(name + ".incumbent.bin"));
                OutputStream successor = Files.newOutputStream(directory.resolve(name + ".successor.bin"))) {
            int n = 1;
            for (CapturedFrame frame : frames) {
                OutputStream out = frame.incumbent() ? incumbent : successor;
                out.write(frame.bytes().array());
                out.write(new byte[carriers(frame.descriptors().size(), n)]);
                n = frame.type() == 2 ? agreed(frame) : n;
            }
        }
        Files.write(directory.resolve(name + ".txt"), index());
    }
}
