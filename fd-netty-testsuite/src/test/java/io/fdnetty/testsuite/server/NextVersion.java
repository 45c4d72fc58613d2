package io.fdnetty.testsuite.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * The library as it could be after this one: protocol versions 1 and 2, made from the library's own sources by a few
 * edits and compiled.
 *
 * <p>Version 2 has two messages more. NOTE may be skipped, so it is said to everybody, with OFFER and with READY. SEAL
 * must be understood, so it is said in version 2 only, with CUTOVER and with COMPLETE. Whoever hears one prints a line.
 * With {@code -Dskew.rude=true} it says SEAL in version 1 too, which is against the rules; with {@code -Dskew.min=2} it
 * has forgotten version 1.
 */
final class NextVersion {
    private static final Path SOURCES = Path.of("../fd-netty-core/src/main/java");

    private final Map<String, String> sources = new LinkedHashMap<>();

    private NextVersion() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(NextVersion::isClass).toList()) {
                sources.put(SOURCES.relativize(file).toString(), Files.readString(file));
            }
        }
    }

    private static boolean isClass(Path file) {
        return file.toString().endsWith(".java") && !file.endsWith("module-info.java");
    }

    /** Compiles it into a directory, which goes in front of a class path. */
    static Path compile(Path directory) throws IOException {
        NextVersion next = new NextVersion();
        next.editMessages();
        next.editCodec();
        next.editDriver();
        next.compileTo(directory);
        return directory;
    }

    private void editMessages() {
        edit("ProtocolVersion", "int MIN = 1;", "int MIN = Integer.getInteger(\"skew.min\", 1);");
        edit("ProtocolVersion", "int MAX = 1;", "int MAX = 2;");
        edit("MessageType", "ABORT(17, Message.Abort.class);", """
                ABORT(17, Message.Abort.class),
                NOTE(18, Message.Note.class),
                SEAL(19, Message.Seal.class);
                """);
        edit("Message", "    /** Any time, from both: the upgrade ends here. */", """
                record Note(String text) implements Message {}

                record Seal(long number) implements Message {}

                """);
    }

    private void editCodec() {
        edit("MessageDecoder", "case COMPLETE -> new Message.Complete();", """
                case COMPLETE -> new Message.Complete();
                case NOTE -> new Message.Note(reason());
                case SEAL -> new Message.Seal(PayloadFields.number(in, "number"));
                """);
        edit("MessageDecoder", "payload.checkEnd(type);", """
                payload.checkEnd(type);
                MessageEncoder.agree(ctx, message);
                """);
        edit("MessageEncoder", "int type = MessageType.of(message).number();", """
                int type = MessageType.of(message).number();
                agree(ctx, message);
                boolean early = message instanceof Message.Offer || message instanceof Message.Ready;
                boolean late = message instanceof Message.Cutover || message instanceof Message.Complete;
                if (early) {
                    encode(ctx, new Message.Note("a word from version 2"), out);
                }
                Integer agreed = ctx.channel().attr(VERSION).get();
                if (early && Boolean.getBoolean("skew.rude") || late && agreed != null && agreed >= 2) {
                    encode(ctx, new Message.Seal(42), out);
                }
                """);
        edit("MessageEncoder", "Frame.of(type, false, payload, all)", """
                Frame.of(type, message instanceof Message.Note, payload, all)""");
        edit("MessageEncoder", "} else if (message instanceof Message.Abort abort) {", """
                } else if (message instanceof Message.Note note) {
                    PayloadFields.putText(out, note.text(), MessageLimits.TEXT);
                } else if (message instanceof Message.Seal seal) {
                    out.writeLong(seal.number());
                } else if (message instanceof Message.Abort abort) {
                """);
        edit("MessageEncoder", "    public MessageEncoder() {", """
                private static final io.netty.util.AttributeKey<Integer> VERSION =
                        io.netty.util.AttributeKey.valueOf("skew.version");

                static void agree(ChannelHandlerContext ctx, Message message) {
                    if (message instanceof Message.Welcome welcome) {
                        ctx.channel().attr(VERSION).set(welcome.version());
                    }
                }

                public MessageEncoder() {
                """);
    }

    private void editDriver() {
        edit("MachineDriver", "if (object instanceof Message message) {", """
                if (object instanceof Message.Note || object instanceof Message.Seal) {
                    System.out.println("event=heard message=" + ((Message) object).label());
                } else if (object instanceof Message message) {
                """);
    }

    /** Each anchor is there, once: whoever changes the library finds the edit to mend. */
    private void edit(String type, String anchor, String replacement) {
        String file = sources.keySet().stream()
                .filter(name -> name.endsWith('/' + type + ".java"))
                .findFirst()
                .orElseThrow();
        String source = sources.get(file);
        assertThat(source.split(java.util.regex.Pattern.quote(anchor), -1))
                .as("\"" + anchor + "\" in " + file)
                .hasSize(2);
        String kept = anchor.startsWith("    /**") ? anchor : "";
        sources.put(file, source.replace(anchor, replacement + kept));
    }

    private void compileTo(Path directory) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertThat(compiler).as("the compiler of a JDK").isNotNull();
        List<JavaFileObject> units = new ArrayList<>();
        sources.forEach((file, source) -> units.add(new Source(file, source)));
        StringWriter complaints = new StringWriter();
        List<String> options = List.of(
                "--release",
                "17",
                "-nowarn",
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                directory.toString());
        boolean compiled =
                compiler.getTask(complaints, null, null, options, null, units).call();
        assertThat(compiled).as(complaints.toString()).isTrue();
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String file, String text) {
            super(URI.create("string:///" + file), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
