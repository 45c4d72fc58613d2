package io.fdnetty.fd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.testing.DescriptorLeaks;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DescriptorLeaks.class)
class DescriptorTest {
    private final FileDescriptor[] pipe = FileDescriptor.pipe();

    DescriptorTest() throws IOException {}

    @Test
    void anAdoptedDescriptorIsClosedOnce() throws IOException {
        Descriptor descriptor = Descriptor.adopt(pipe[0], "in");

        descriptor.close();
        descriptor.close();

        assertThat(pipe[0].isOpen()).isFalse();
        assertThat(descriptor.isOpen()).isFalse();
        pipe[1].close();
    }

    @Test
    void aBorrowedDescriptorStaysOpenAndCannotBeTaken() throws IOException {
        Descriptor descriptor = Descriptor.borrow(pipe[0], "in");

        assertThatThrownBy(descriptor::take).isInstanceOf(IllegalStateException.class);
        descriptor.close();

        assertThat(pipe[0].isOpen()).isTrue();
        pipe[0].close();
        pipe[1].close();
    }

    @Test
    void whatWasTakenBelongsToTheTaker() throws IOException {
        Descriptor descriptor = Descriptor.adopt(pipe[0], "in");

        FileDescriptor taken = descriptor.take();
        descriptor.close();

        assertThat(taken.isOpen()).isTrue();
        assertThatThrownBy(descriptor::peek).hasMessageContaining("spent");
        taken.close();
        pipe[1].close();
    }

    @Test
    void aNewNameSpendsTheOldHandle() throws IOException {
        Descriptor old = Descriptor.adopt(pipe[0], "old");
        Descriptor renamed = old.named("new");

        assertThat(renamed.name()).isEqualTo("new");
        assertThat(renamed.isOwned()).isTrue();
        assertThat(old.isOpen()).isFalse();
        assertThatThrownBy(() -> old.named("newer")).isInstanceOf(IllegalStateException.class);
        old.close();
        assertThat(renamed.isOpen()).isTrue();
        renamed.close();
        pipe[1].close();
    }

    @Test
    void theKernelSaysWhatADescriptorIs() throws IOException {
        Socket tcp = Socket.newSocketStream();
        Socket udp = Socket.newSocketDgram();
        Socket unix = Socket.newSocketDomain();
        tcp.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

        assertThat(Descriptor.borrow(tcp, "tcp").kind()).isEqualTo(SocketKind.TCP_CONNECTION);
        tcp.listen(1);
        assertThat(Descriptor.borrow(tcp, "tcp").kind()).isEqualTo(SocketKind.TCP_LISTENER);
        assertThat(Descriptor.borrow(udp, "udp").kind()).isEqualTo(SocketKind.UDP);
        assertThat(Descriptor.borrow(unix, "unix").kind()).isEqualTo(SocketKind.UNIX_CONNECTION);
        assertThat(Descriptor.borrow(pipe[0], "pipe").kind()).isEqualTo(SocketKind.OTHER);
        for (FileDescriptor fd : new FileDescriptor[] {tcp, udp, unix, pipe[0], pipe[1]}) {
            fd.close();
        }
    }
}
