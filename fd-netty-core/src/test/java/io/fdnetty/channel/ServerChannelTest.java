package io.fdnetty.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.internal.sys.Credentials;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.SocketPairs;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(DescriptorLeaks.class)
class ServerChannelTest {
    @TempDir
    Path directory;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Inbox atServer = new Inbox();
    private final CompletableFuture<AncillarySocketChannel> accepted = new CompletableFuture<>();
    private final ServerBootstrap server = new ServerBootstrap().group(loops).childHandler(initializer());

    private ChannelInitializer<Channel> initializer() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel child) {
                child.pipeline().addLast(atServer);
                accepted.complete((AncillarySocketChannel) child);
            }
        };
    }

    @AfterEach
    void stop() {
        loops.shutdownGracefully(20, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
        atServer.close();
    }

    private Channel connect(DomainSocketAddress address) {
        return new Bootstrap()
                .group(loops)
                .channel(AncillarySocketChannel.class)
                .handler(new Inbox())
                .connect(address)
                .syncUninterruptibly()
                .channel();
    }

    @Test
    void aClientConnectsAndEachSideKnowsWhoTheOtherIs() throws Exception {
        DomainSocketAddress path =
                new DomainSocketAddress(directory.resolve("s").toFile());
        Channel listener = server.channel(AncillaryServerSocketChannel.class)
                .bind(path)
                .syncUninterruptibly()
                .channel();
        AncillarySocketChannel client = (AncillarySocketChannel) connect(path);
        client.writeAndFlush(Pair.bytes(5)).syncUninterruptibly();

        assertThat(atServer.awaitBytes(5)).hasSize(5);
        PeerCredentials peer = accepted.get(10, TimeUnit.SECONDS).peerCredentials();
        assertThat(peer.pid()).isEqualTo((int) ProcessHandle.current().pid());
        assertThat(peer.uid()).isEqualTo(Credentials.effectiveUid());
        assertThat(client.remoteAddress()).isEqualTo(path);
        assertThat(client.peerCredentials().uid()).isEqualTo(peer.uid());
        assertThat(accepted.get().parent()).isSameAs(listener);
        assertThat(listener.localAddress()).isEqualTo(path);
    }

    @Test
    void closingLeavesThePathAndBindingAgainIsRefused() {
        Path path = directory.resolve("s");
        DomainSocketAddress address = new DomainSocketAddress(path.toFile());
        server.channel(AncillaryServerSocketChannel.class);

        server.bind(address).syncUninterruptibly().channel().close().syncUninterruptibly();

        assertThat(Files.exists(path)).isTrue();
        assertThatThrownBy(() -> server.bind(address).syncUninterruptibly()).hasMessageContaining("exists");
    }

    @Test
    void anAdoptedListenerAcceptsWithoutBind() throws Exception {
        DomainSocketAddress address = SocketPairs.address();
        Socket socket = Socket.newSocketDomain();
        socket.bind(address);
        socket.listen(5);
        AncillaryServerSocketChannel listener =
                AncillaryServerSocketChannel.adopt(Descriptor.adopt(new FileDescriptor(socket.intValue()), "control"));
        server.channelFactory(() -> listener).register().syncUninterruptibly();

        connect(address).writeAndFlush(Pair.bytes(3)).syncUninterruptibly();

        assertThat(atServer.awaitBytes(3)).hasSize(3);
    }

    @Test
    void whatIsNoListenerIsNotAdoptedAndStaysTheCallers() throws IOException {
        Socket[] pair = SocketPairs.unix();
        Descriptor connection = Descriptor.adopt(pair[0], "connection");

        assertThatThrownBy(() -> AncillaryServerSocketChannel.adopt(connection))
                .hasMessageContaining("UNIX_CONNECTION");
        assertThat(connection.isOpen()).isTrue();

        AncillarySocketChannel channel = AncillarySocketChannel.adopt(connection);
        assertThat(channel.isActive()).isTrue();
        loops.register(channel).syncUninterruptibly();
        channel.close().syncUninterruptibly();
        pair[1].close();
    }

    @Test
    void connectingToNobodyFails() {
        assertThatThrownBy(() -> connect(SocketPairs.address())).isInstanceOf(IOException.class);
    }

    @Test
    void anEventLoopThatDoesNotFitIsRefused() {
        EventLoopGroup nio = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        AncillarySocketChannel channel = new AncillarySocketChannel();

        assertThat(nio.register(channel).awaitUninterruptibly().cause()).isInstanceOf(IllegalStateException.class);

        loops.register(channel).syncUninterruptibly();
        channel.close().syncUninterruptibly();
        nio.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
