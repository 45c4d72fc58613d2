package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The new version has not the listeners that the old one had. */
@ExtendWith(DescriptorLeaks.class)
class RemovedListenerTest {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    @TempDir
    Path directory;

    @AfterEach
    void endGroup() {
        group.shutdownGracefully(20, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }

    @Test
    void theFileOfAUnixListenerThatIsNoLongerWantedGoesAway() throws Exception {
        Path file = directory.resolve("admin");
        try (Upgrader first = upgrader()) {
            bind(first.unixListener("admin"), new DomainSocketAddress(file.toString()))
                    .sync();
            first.ready();
            try (Upgrader second = upgrader()) {
                assertThat(file).exists();
                second.ready();
                first.handedOver().toCompletableFuture().get(10, TimeUnit.SECONDS);
                Eventually.holds("the file is removed", () -> Files.notExists(file));
            }
        }
    }

    @Test
    void aListenerThatWasRenamedFailsWithTheNameThatItHad() throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Path file = directory.resolve("admin");
        try (Upgrader first = upgrader()) {
            SocketAddress bound =
                    bind(first.listener("http"), any).sync().channel().localAddress();
            bind(first.unixListener("admin"), new DomainSocketAddress(file.toString()))
                    .sync();
            first.ready();
            try (Upgrader second = upgrader()) {
                assertRenamed(bind(second.listener("web"), bound), "'web'", "'http'");
                assertRenamed(
                        bind(second.unixListener("control"), new DomainSocketAddress(file.toString())),
                        "'control'",
                        "'admin'");
            }
        }
    }

    private static void assertRenamed(ChannelFuture bind, String newName, String oldName) throws Exception {
        assertThat(bind.await().cause())
                .isInstanceOf(BindException.class)
                .hasMessageContainingAll(newName, oldName, "has it been renamed?");
    }

    private Upgrader upgrader() throws UpgradeException {
        return Upgrader.builder(directory.resolve("s")).name("test").build();
    }

    private ChannelFuture bind(ChannelFactory<ServerChannel> factory, SocketAddress address) {
        return new ServerBootstrap()
                .group(group)
                .channelFactory(factory)
                .childHandler(new ChannelInboundHandlerAdapter())
                .bind(address);
    }
}
