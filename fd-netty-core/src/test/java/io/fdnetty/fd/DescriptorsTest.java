package io.fdnetty.fd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.testing.DescriptorLeaks;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DescriptorLeaks.class)
class DescriptorsTest {
    private final FileDescriptor[] pipe = FileDescriptor.pipe();

    DescriptorsTest() throws IOException {}

    @Test
    void releaseClosesWhatNobodyTook() throws IOException {
        Descriptors message = Descriptors.of(Descriptor.adopt(pipe[0], "in"), Descriptor.adopt(pipe[1], "out"));

        Descriptor out = message.take(1);
        message.release();

        assertThat(pipe[0].isOpen()).isFalse();
        assertThat(out.isOpen()).isTrue();
        out.close();
    }

    @Test
    void whatIsTakenIsTakenOnce() {
        Descriptors message = Descriptors.of(Descriptor.adopt(pipe[0], "in"), Descriptor.adopt(pipe[1], "out"));

        message.take(0).close();
        assertThatThrownBy(() -> message.take(0)).hasMessageContaining("was taken");
        List<Descriptor> rest = message.takeAll();
        message.release();

        assertThat(rest).singleElement().extracting(Descriptor::name).isEqualTo("out");
        rest.forEach(Descriptor::close);
        assertThat(message.size()).isEqualTo(2);
    }

    @Test
    void aSpentDescriptorIsRefusedAndTheOthersStayTheCallers() throws IOException {
        Descriptor in = Descriptor.adopt(pipe[0], "in");
        in.close();
        Descriptor out = Descriptor.adopt(pipe[1], "out");

        assertThatThrownBy(() -> Descriptors.of(in, out)).isInstanceOf(IllegalArgumentException.class);

        assertThat(out.isOpen()).isTrue();
        out.close();
    }
}
