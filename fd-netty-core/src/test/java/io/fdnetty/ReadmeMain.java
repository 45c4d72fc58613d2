package io.fdnetty;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The README's snippet, and the example that it is a part of. */
public final class ReadmeMain {
    /** Where the example is in the repository. */
    static final String PROGRAM = "fd-netty-examples/src/main/java/io/fdnetty/examples/simple/EchoServer.java";

    private static final String JAVA_BLOCK = "```java\n";
    private static final String BEGIN = "        // README: begin\n";
    private static final String END = "        // README: end\n";

    private ReadmeMain() {}

    /** Finds a file from the directory of the module, or of the repository. */
    static Path inRepository(String path) {
        return Stream.of(Path.of(path), Path.of("..", path))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow();
    }

    /** The first Java block of the README. */
    static String snippet(String readme) {
        return between(readme, JAVA_BLOCK, "```");
    }

    /** What the README shows of the example. */
    static String shownPart(String program) {
        return between(program, BEGIN, END).indent(-8);
    }

    private static String between(String text, String begin, String end) {
        int from = text.indexOf(begin) + begin.length();
        return text.substring(from, text.indexOf(end, from));
    }

    /** Builds an upgrader where something of Netty is missing. The argument is a socket; prints what comes of it. */
    public static void main(String[] args) {
        @Nullable Upgrader upgrader = null;
        try {
            upgrader = Upgrader.builder(Path.of(args[0])).build();
            System.out.println("built");
        } catch (UpgradeException e) {
            System.out.println(e.getMessage());
        }
        if (upgrader != null) {
            upgrader.close();
        }
    }
}
