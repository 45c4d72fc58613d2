package io.fdnetty.examples.simple;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The one-file examples stay what they are for: short, whole, and about the public API alone. */
class SimpleExamplesTest {
    private static final Path PROGRAMS = Path.of("src/main/java/io/fdnetty/examples/simple");

    static List<Path> programs() throws IOException {
        try (Stream<Path> files = Files.list(PROGRAMS)) {
            return files.filter(file -> !file.endsWith("package-info.java"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void aProgramIsOneFileUnderAHundredLines(Path program) throws IOException {
        assertThat(Files.readAllLines(program))
                .hasSizeLessThan(100)
                .noneMatch(line -> line.startsWith("import io.fdnetty.internal"))
                .noneMatch(line -> line.startsWith("import io.fdnetty.examples"))
                .anyMatch(line -> line.contains("public static void main("));
    }

    @Test
    void linesAreNumberedOnFromTheStateOfTheLastRelease() {
        NumberedLines.Session session = new NumberedLines.Session();
        EmbeddedChannel channel = new EmbeddedChannel(session);
        assertThat((String) channel.readOutbound()).isEqualTo("Your name?\n");
        ByteBuf state = Unpooled.buffer().writeLong(7);
        session.restoreState(channel.pipeline().firstContext(), 1, state);
        state.release();
        channel.writeInbound("hello");
        assertThat((String) channel.readOutbound()).isEqualTo("you, line 8: hello\n");
        channel.finishAndReleaseAll();
    }

    @Test
    void theStateIsTheNumberAndTheName() {
        NumberedLines.Session session = new NumberedLines.Session();
        EmbeddedChannel channel = new EmbeddedChannel(session);
        channel.writeInbound("Ada");
        ByteBuf state = Unpooled.buffer();
        session.saveState(channel.pipeline().firstContext(), state);
        assertThat(state.readLong()).isZero();
        assertThat(state.toString(UTF_8)).isEqualTo("Ada");
        state.release();
        channel.finishAndReleaseAll();
    }
}
