package io.fdnetty.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.SocketKind;
import io.fdnetty.testing.DescriptorLeaks;
import io.netty.channel.Channel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannel;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Descriptors from a program that blocks: an event loop must not hang on them. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class BlockingDescriptorTest {
    private static final InetSocketAddress LOOPBACK = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final Servers servers = new Servers();
    private final InheritedSockets table = new InheritedSockets();
    private final Listeners listeners = new Listeners(table);

    @AfterEach
    void close() {
        servers.close();
    }

    @Test
    void aBlockingListenerIsMadeNonBlocking() throws Exception {
        try (Blocking<ServerSocketChannel> blocking =
                new Blocking<>(() -> ServerSocketChannel.open().bind(LOOPBACK))) {
            table.add("http", SocketKind.TCP_LISTENER, "", blocking.copy());

            Channel adopted = servers.echo(listeners, "http", LOOPBACK, "a");

            assertThat(isNonBlocking(adopted)).isTrue();
            listeners.releaseAll();
            try (Client client = Client.tcp(Servers.port(adopted))) {
                assertThat(client.receive(1)).isEqualTo("a");
            }
        }
    }

    @Test
    void aBlockingConnectionIsMadeNonBlocking() throws Exception {
        Channel server = servers.echo(listeners, "http", LOOPBACK, "a");
        listeners.releaseAll();
        try (ServerSocketChannel acceptor = ServerSocketChannel.open().bind(LOOPBACK);
                Client client = Client.tcp(acceptor.socket().getLocalPort());
                Blocking<SocketChannel> blocking = new Blocking<>(acceptor::accept)) {
            Listener listener = listeners.all().get(0);

            Channel child = listener.newChild(blocking.copy());
            assertThat(isNonBlocking(child)).isTrue();
            listener.deliver(child).sync();

            assertThat(client.receive(1)).isEqualTo("a");
            assertThat(child.parent()).isSameAs(server);
        }
    }

    private static boolean isNonBlocking(Channel channel) throws IOException {
        int fd = ((UnixChannel) channel).fd().intValue();
        String flags = Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd)).stream()
                .filter(line -> line.startsWith("flags:"))
                .findFirst()
                .orElseThrow();
        return (Integer.parseInt(flags.substring(6).strip(), 8) & 04000) != 0;
    }

    /** A channel of the JDK whose descriptor number we know. */
    private static final class Blocking<C extends SelectableChannel> implements AutoCloseable {
        private final C channel;
        private final int fd;

        Blocking(Callable<C> open) throws Exception {
            Set<String> before = sockets();
            channel = open.call();
            Set<String> added = sockets();
            added.removeAll(before);
            assertThat(added).hasSize(1);
            fd = Integer.parseInt(added.iterator().next());
        }

        /** Passing it on made it non-blocking. */
        Descriptor copy() throws IOException {
            Descriptor copy = Servers.copy(new FileDescriptor(fd), "blocking");
            channel.configureBlocking(false);
            channel.configureBlocking(true);
            return copy;
        }

        private static boolean isSocket(Path link) {
            try {
                return Files.readSymbolicLink(link).toString().startsWith("socket:");
            } catch (IOException closedMeanwhile) {
                return false;
            }
        }

        private static Set<String> sockets() {
            Set<String> sockets = new HashSet<>();
            for (String fd : new File("/proc/self/fd").list()) {
                if (isSocket(Path.of("/proc/self/fd", fd))) {
                    sockets.add(fd);
                }
            }
            return sockets;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
