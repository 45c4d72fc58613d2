package io.fdnetty.internal.listener;

import static io.fdnetty.internal.listener.Servers.LOOPBACK_ANY_PORT;
import static io.fdnetty.internal.listener.Servers.cold;
import static io.fdnetty.internal.listener.Servers.copy;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.SocketKind;
import io.fdnetty.testing.DescriptorLeaks;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DescriptorLeaks.class)
class InheritedSocketsTest {
    private final InheritedSockets table = new InheritedSockets();

    @Test
    void whatIsClaimedBelongsToTheClaimerAndTheRestIsClosedAndNamed() throws IOException {
        FileDescriptor[] pipe = FileDescriptor.pipe();
        table.add("in", SocketKind.OTHER, "", Descriptor.adopt(pipe[0], "in"));
        table.add("out", SocketKind.OTHER, "somewhere", Descriptor.adopt(pipe[1], "out"));

        Descriptor claimed = table.claim("in", SocketKind.OTHER).orElseThrow().descriptor();

        assertThat(table.claim("in", SocketKind.OTHER)).isEmpty();
        assertThat(table.claim("out", SocketKind.UDP)).isEmpty();
        assertThat(table.closeUnclaimed()).containsExactly("out (OTHER somewhere)");
        assertThat(table.closeUnclaimed()).isEmpty();
        assertThat(pipe[1].isOpen()).isFalse();
        assertThat(claimed.isOpen()).isTrue();
        claimed.close();
    }

    @Test
    void theKindIsWhatTheKernelSays() throws Exception {
        try (Servers servers = new Servers()) {
            Listeners listeners = cold();
            servers.echo(listeners, "http", LOOPBACK_ANY_PORT, "");

            table.add("http", SocketKind.UDP, "", copy(listeners.all().get(0)));

            assertThat(table.claim("http", SocketKind.UDP)).isEmpty();
            assertThat(table.closeUnclaimed()).containsExactly("http (TCP_LISTENER)");
        }
    }
}
