package io.fdnetty.internal.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenFilesTest {
    @Test
    void theSoftLimitIsRead() {
        List<String> limits = List.of(
                "Limit                     Soft Limit           Hard Limit           Units     ",
                "Max processes             63448                63448                processes ",
                "Max open files            1024                 20000                files     ");

        assertThat(OpenFiles.softLimit(limits)).isEqualTo(1024);
    }

    @Test
    void noLimitAndNoLineAreNoLimit() {
        assertThat(OpenFiles.softLimit(List.of("Max open files   unlimited   unlimited   files")))
                .isEqualTo(-1);
        assertThat(OpenFiles.softLimit(List.of())).isEqualTo(-1);
    }

    @Test
    void eachOpenDescriptorCounts() throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/self/limits")), "only Linux tells");
        OpenFiles before = OpenFiles.now();
        FileDescriptor[] pipe = FileDescriptor.pipe();
        try {
            assertThat(before).isNotNull();
            assertThat(OpenFiles.now()).isEqualTo(new OpenFiles(before.open() + 2, before.limit()));
            assertThat(before.room()).isEqualTo(before.limit() - before.open());
        } finally {
            pipe[0].close();
            pipe[1].close();
        }
    }
}
