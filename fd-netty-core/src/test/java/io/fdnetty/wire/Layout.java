package io.fdnetty.wire;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * The payloads of protocol version 1, written down a second time and in another way than in the library, so that a
 * change there is seen here.
 *
 * <p>A field is {@code name:type}; {@code ~} behind it says that its value differs from run to run and is not compared.
 * {@code [ … ]} is repeated as often as the number before it says, {@code { … }} likewise in an order without meaning.
 */
final class Layout {
    private static final Map<Integer, Layout> ALL = new TreeMap<>();
    private static final int LONG_BYTES = 48;
    private static final Pattern STATE = Pattern.compile("state=([0-9a-f]{8})(?![0-9a-f])");

    static {
        add(1, "HELLO", "min:u16 max:u16 application:text version:text pid:u64~ perMessage:u16~ maxPayload:u32");
        add(2, "WELCOME", "version:u16 pid:u64~ generation:u64 perMessage:u16");
        add(3, "REFUSED", "code:u8 reason:text");
        add(4, "LISTENERS", "listeners:u16 [ name:text kind:u8 address:text~ role:u8 ]");
        add(5, "STATE_BEGIN", "section:text version:u32 flags:u8");
        add(6, "STATE_CHUNK", "data:rest");
        add(7, "STATE_END", "length:u64 crc32c:u32");
        add(8, "OFFER", "connections:u32 together:u8 sections:u16 [ section:text version:u32 required:u8 ]");
        add(9, "READY", "");
        add(10, "FAILED", "reason:text");
        add(11, "CUTOVER", "");
        add(
                12,
                "CONNECTIONS",
                "units:u16 { id:u64~ kind:text version:u32 capturedAt:u64~ parts:u8 [ role:text listener:text flags:u8"
                        + " unread:bytes unwritten:bytes states:u8 [ handler:text version:u32 state:bytes ] ] }");
        add(13, "ADOPTED", "ids:u32 { id:u64 }");
        add(14, "REJECTED", "id:u64 reason:text");
        add(15, "FINISHED", "moved:u64 kept:u64 closed:u64");
        add(16, "COMPLETE", "");
        add(17, "ABORT", "reason:text");
    }

    private final String name;
    private final String fields;

    private Layout(String name, String fields) {
        this.name = name;
        this.fields = fields;
    }

    private static void add(int type, String name, String fields) {
        ALL.put(type, new Layout(name, fields));
    }

    static String name(int type) {
        Layout layout = ALL.get(type);
        return layout == null ? "type-" + type : layout.name;
    }

    static int number(String name) {
        return ALL.entrySet().stream()
                .filter(each -> each.getValue().name.equals(name))
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    /** What is compared of a payload, in words: everything but what is masked, which is shown as {@code ~}. */
    static String describe(int type, byte[] payload) {
        return read(type, payload).text(false);
    }

    /** The same for people: long byte strings are shown by their length and checksum. */
    static String summary(int type, byte[] payload) {
        return read(type, payload).text(true);
    }

    /** Which bytes of a payload are masked. */
    static BitSet masked(int type, byte[] payload) {
        return read(type, payload).masked;
    }

    /** The units of CONNECTIONS, each by what is compared of it. */
    static Map<String, Long> units(byte[] payload) {
        return read(Layout.number("CONNECTIONS"), payload).units;
    }

    /** The numbers that the handlers of {@link WireServer} saved, in the order of the units on the wire. */
    static List<Integer> numbers(byte[] connections) {
        Matcher states = STATE.matcher(String.join(" ", read(number("CONNECTIONS"), connections).wireOrder));
        List<Integer> numbers = new ArrayList<>();
        while (states.find()) {
            numbers.add(Integer.parseInt(states.group(1), 16));
        }
        return numbers;
    }

    private static Reader read(int type, byte[] payload) {
        Layout layout = ALL.get(type);
        return new Reader(layout == null ? "data:rest" : layout.fields, payload);
    }

    private static final class Reader {
        private final ByteBuffer in;
        private final List<Object> parts = new ArrayList<>();
        private final BitSet masked = new BitSet();
        private final Map<String, Long> units = new TreeMap<>();
        private final List<String> wireOrder = new ArrayList<>();

        Reader(String fields, byte[] payload) {
            in = ByteBuffer.wrap(payload);
            try {
                read(new ArrayDeque<>(fields.isEmpty() ? List.of() : Arrays.asList(fields.split(" ", -1))), parts);
                if (in.hasRemaining()) {
                    parts.add("too-many=" + in.remaining());
                }
            } catch (BufferUnderflowException e) {
                parts.add("cut-off=" + HexFormat.of().formatHex(payload));
            }
        }

        private void read(Deque<String> fields, List<Object> into) {
            while (!fields.isEmpty()) {
                String field = fields.remove();
                long value = value(field, into);
                if ("[".equals(fields.peek()) || "{".equals(fields.peek())) {
                    boolean ordered = fields.remove().equals("[");
                    repeat(value, body(fields), ordered, into);
                }
            }
        }

        /** The tokens up to the bracket that closes the one just taken. */
        private static List<String> body(Deque<String> fields) {
            List<String> body = new ArrayList<>();
            int depth = 1;
            while (depth > 0) {
                String token = fields.remove();
                depth += "[{".contains(token) ? 1 : "]}".contains(token) ? -1 : 0;
                body.add(token);
            }
            return body.subList(0, body.size() - 1);
        }

        private void repeat(long count, List<String> body, boolean ordered, List<Object> into) {
            List<List<Object>> items = new ArrayList<>();
            for (long i = 0; i < count; i++) {
                List<Object> item = new ArrayList<>();
                long first = in.remaining() < Long.BYTES ? 0 : in.getLong(in.position());
                read(new ArrayDeque<>(body), item);
                if (!ordered) {
                    units.put(join(item, false), first);
                    wireOrder.add(join(item, false));
                }
                items.add(item);
            }
            if (!ordered) {
                items.sort((one, other) -> join(one, false).compareTo(join(other, false)));
            }
            into.addAll(items);
        }

        private long value(String field, List<Object> into) {
            String fieldName = field.substring(0, field.indexOf(':'));
            boolean mask = field.endsWith("~");
            String type = field.substring(field.indexOf(':') + 1).replace("~", "");
            int from = in.position();
            long number = 0;
            Object shown;
            switch (type) {
                case "u8" -> shown = number = in.get() & 0xff;
                case "u16" -> shown = number = in.getShort() & 0xffff;
                case "u32" -> shown = number = in.getInt() & 0xffff_ffffL;
                case "u64" -> shown = number = in.getLong();
                case "text" ->
                    shown = '"' + new String(take(in.getShort() & 0xffff), StandardCharsets.ISO_8859_1) + '"';
                case "bytes" -> shown = take(in.getInt());
                case "rest" -> shown = take(in.remaining());
                default -> throw new AssertionError(field);
            }
            if (mask) {
                masked.set(from, in.position());
            }
            into.add(new Object[] {fieldName, mask ? "~" : shown});
            return number;
        }

        private byte[] take(int length) {
            if (length < 0 || length > in.remaining()) {
                throw new BufferUnderflowException();
            }
            byte[] taken = new byte[length];
            in.get(taken);
            return taken;
        }

        String text(boolean brief) {
            return join(parts, brief);
        }

        private static String join(List<?> parts, boolean brief) {
            StringBuilder text = new StringBuilder();
            for (Object part : parts) {
                text.append(text.isEmpty() ? "" : " ");
                if (part instanceof List<?> item) {
                    text.append("{ ").append(join(item, brief)).append(" }");
                } else if (part instanceof Object[] field) {
                    text.append(field[0]).append('=').append(show(field[1], brief));
                } else {
                    text.append(part);
                }
            }
            return text.toString();
        }

        private static Object show(Object value, boolean brief) {
            if (!(value instanceof byte[] bytes)) {
                return value;
            }
            if (!brief || bytes.length <= LONG_BYTES) {
                return HexFormat.of().formatHex(bytes);
            }
            CRC32C checksum = new CRC32C();
            checksum.update(bytes);
            return "(" + bytes.length + " bytes, crc32c " + Long.toHexString(checksum.getValue()) + ')';
        }
    }

    /** The masked fields, for people. */
    static List<String> maskedFields() {
        List<String> masked = new ArrayList<>();
        for (Layout layout : ALL.values()) {
            for (String field : layout.fields.split(" ", -1)) {
                if (field.endsWith("~")) {
                    masked.add(layout.name + "." + field.substring(0, field.indexOf(':')));
                }
            }
        }
        return Collections.unmodifiableList(masked);
    }
}
