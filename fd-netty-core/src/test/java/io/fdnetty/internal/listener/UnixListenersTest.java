package io.fdnetty.internal.listener;

import static io.fdnetty.internal.listener.Servers.cold;
import static io.fdnetty.internal.listener.Servers.get;
import static io.fdnetty.internal.listener.Servers.handOver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.testing.DescriptorLeaks;
import io.netty.channel.Channel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class UnixListenersTest {
    private final Servers servers = new Servers();
    private final Listeners old = cold();

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        servers.close();
    }

    @Test
    void thePathSurvivesTheOldProcessAndServesTheNewOne() throws Exception {
        Path path = directory.resolve("s");
        Channel server = echo(old, path, "a");
        old.releaseAll();
        assertThat(served(path)).isEqualTo("a");

        Listeners successor = new Listeners(handOver(old));
        echo(successor, path, "b");
        get(old.stopAll());
        successor.releaseAll();
        get(old.retireAll());
        assertThat(served(path)).isEqualTo("b");
        get(old.closeAll());
        assertThat(served(path)).isEqualTo("b");
        assertThat(server.closeFuture().isDone()).isTrue();

        Listeners third = new Listeners(handOver(successor));
        echo(third, path, "c");
        get(successor.stopAll());
        third.releaseAll();
        get(successor.retireAll());
        get(successor.closeAll());
        assertThat(served(path)).isEqualTo("c");
    }

    @Test
    void itKnowsItsAddressColdAndInherited() throws Exception {
        Path path = directory.resolve("s");
        assertThat(echo(old, path, "").localAddress()).isEqualTo(new DomainSocketAddress(path.toString()));
        Listeners successor = new Listeners(handOver(old));

        Channel adopted = echo(successor, path, "");

        assertThat(adopted.localAddress()).isEqualTo(new DomainSocketAddress(path.toString()));
        assertThat(successor.all()).singleElement().satisfies(listener -> {
            assertThat(listener.isInherited()).isTrue();
            assertThat(listener.address()).isEqualTo(new DomainSocketAddress(path.toString()));
        });
    }

    @Test
    void anotherNameOfTheSameFileFits() throws Exception {
        echo(old, directory.resolve("s"), "");
        Listeners successor = new Listeners(handOver(old));

        assertThat(echo(successor, directory.resolve(".").resolve("s"), "").isOpen())
                .isTrue();
    }

    @Test
    void anotherPathFailsTheBind() throws Exception {
        echo(old, directory.resolve("s"), "");
        Listeners successor = new Listeners(handOver(old));

        assertThatThrownBy(() -> echo(successor, directory.resolve("t"), ""))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("bind the same address");
    }

    @Test
    void aSocketFileOnWhichNobodyListensIsReplaced() throws Exception {
        Path path = directory.resolve("s");
        ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        dead.bind(UnixDomainSocketAddress.of(path));
        dead.close();
        assertThat(path).exists();

        echo(old, path, "a");
        old.releaseAll();

        assertThat(served(path)).isEqualTo("a");
    }

    @Test
    void aSocketOnWhichSomebodyListensIsLeftAlone() throws Exception {
        Path path = directory.resolve("s");
        echo(old, path, "a");
        old.releaseAll();

        assertThatThrownBy(() -> echo(cold(), path, "b"))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("another process listens there");
        assertThat(served(path)).isEqualTo("a");
    }

    @Test
    void aSocketWhoseQueueIsFullIsLeftAlone() throws Exception {
        Path path = directory.resolve("s");
        try (ServerSocketChannel full = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            full.bind(UnixDomainSocketAddress.of(path), 1);
            try (Client one = Client.unix(path);
                    Client two = Client.unix(path)) {
                assertThat(one.channel.isConnected() && two.channel.isConnected())
                        .isTrue();
                assertThatThrownBy(() -> echo(cold(), path, "b")).isInstanceOf(BindException.class);
                assertThat(path).exists();
            }
        }
    }

    @Test
    void aFileThatIsNoSocketIsLeftAlone() throws Exception {
        Path path = Files.writeString(directory.resolve("s"), "precious");

        assertThatThrownBy(() -> echo(old, path, ""))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("not a socket");
        assertThat(path).hasContent("precious");
    }

    @Test
    void anAbstractNameIsHandedOnToo() throws Exception {
        DomainSocketAddress name = new DomainSocketAddress("\0fd-netty-" + directory.getFileName());
        servers.bind(servers.bootstrap().channelFactory(old.unix("s")), name);
        Listeners successor = new Listeners(handOver(old));

        assertThat(servers.bind(servers.bootstrap().channelFactory(successor.unix("s")), name)
                        .isOpen())
                .isTrue();
    }

    private Channel echo(Listeners listeners, Path path, String prefix) throws InterruptedException {
        return servers.bind(
                servers.bootstrap().channelFactory(listeners.unix("s")).childHandler(new Servers.Echo(prefix)),
                new DomainSocketAddress(path.toString()));
    }

    private static String served(Path path) throws Exception {
        try (Client client = Client.unix(path)) {
            return client.receive(1);
        }
    }
}
