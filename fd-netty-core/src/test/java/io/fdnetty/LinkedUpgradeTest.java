package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Serving;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.compression.SnappyFrameEncoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A relay whose pairs of connections pass from one upgrader to the next. */
@ExtendWith(DescriptorLeaks.class)
class LinkedUpgradeTest {
    @TempDir
    Path directory;

    @Test
    void pairsMoveAsOneAndWhatTheServerOpenedForItselfMovesOrEndsWithIt() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                Relay old = new Relay(directory.resolve("upgrade.sock"), listener.getLocalSocketAddress())) {
            listener.setSoTimeout(10_000);
            List<Socket> clients = new ArrayList<>();
            List<Socket> backends = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                clients.add(old.connect());
                backends.add(accept(listener));
                talk(clients.get(i), backends.get(i));
            }
            old.open("pooled");
            Socket pooled = accept(listener);
            old.open("stays");
            Socket stays = accept(listener);
            try (Relay successor = new Relay(directory.resolve("upgrade.sock"), listener.getLocalSocketAddress())) {
                UpgradeReport end =
                        old.upgrader.handedOver().toCompletableFuture().get(10, TimeUnit.SECONDS);
                assertThat(end.moved()).isEqualTo(11);
                assertThat(end.kept()).isZero();
                assertThat(end.closed()).isEqualTo(1);
                assertThat(stays.getInputStream().read()).isEqualTo(-1);
                for (int i = 0; i < 10; i++) {
                    talk(clients.get(i), backends.get(i));
                }
                assertThat(successor.serving.generation()).isEqualTo(2);
            }
            assertThat(pooled.getInputStream().read()).isEqualTo(-1);
            for (Socket each : List.of(pooled, stays)) {
                hangUp(each);
            }
            for (int i = 0; i < 10; i++) {
                hangUp(clients.get(i));
                hangUp(backends.get(i));
            }
        }
    }

    private static void hangUp(Socket socket) throws IOException {
        socket.close();
    }

    private static Socket accept(ServerSocket listener) throws IOException {
        Socket socket = listener.accept();
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static void talk(Socket client, Socket backend) throws IOException {
        pass(client, backend, "question");
        pass(backend, client, "answer");
    }

    private static void pass(Socket from, Socket to, String text) throws IOException {
        from.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        assertThat(to.getInputStream().readNBytes(text.length())).asString().isEqualTo(text);
    }

    private static final class Relay implements AutoCloseable {
        final EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                2, new DefaultThreadFactory("relay", true), EpollIoHandler.newFactory());
        final Serving serving = new Serving();
        final Upgrader upgrader;
        final Channel listener;
        private final List<Channel> own = new ArrayList<>();
        private final SocketAddress address;
        private final Bootstrap backend;
        private final Bootstrap pool;

        Relay(Path socket, SocketAddress address) throws UpgradeException, InterruptedException {
            this.address = address;
            upgrader = Upgrader.builder(socket).name("relay").listener(serving).build();
            backend = new Bootstrap()
                    .channel(EpollSocketChannel.class)
                    .handler(upgrader.outbound(
                            "backend",
                            group,
                            new Side(),
                            MoveOptions.asAccepted().oneWay()));
            pool = backend.clone(group)
                    .handler(upgrader.outbound(
                            "pooled",
                            group,
                            new Idle(),
                            MoveOptions.asAccepted().oneWay()));
            listener = new ServerBootstrap()
                    .group(group)
                    .channelFactory(upgrader.listener("relay"))
                    .childHandler(upgrader.movable(
                            "relay", new Front(), MoveOptions.asAccepted().oneWay()))
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .sync()
                    .channel();
            upgrader.ready();
        }

        Socket connect() throws IOException {
            InetSocketAddress bound = (InetSocketAddress) listener.localAddress();
            Socket client = new Socket(InetAddress.getLoopbackAddress(), bound.getPort());
            client.setSoTimeout(10_000);
            return client;
        }

        /** Opens a connection for the server itself, which may move if it is pooled. */
        void open(String kind) throws InterruptedException {
            Channel opened = pool.connect(address).sync().channel();
            if (!kind.equals("pooled")) {
                opened.pipeline().addLast(new SnappyFrameEncoder());
            }
            own.add(opened);
        }

        @Override
        public void close() {
            upgrader.close();
            listener.close().syncUninterruptibly();
            group.shutdownGracefully(20, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
        }

        @Sharable
        private static final class Idle extends ChannelInboundHandlerAdapter {}

        @Sharable
        private static class Side extends ChannelInboundHandlerAdapter {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                LinkedConnections.linkedTo(ctx.channel()).get(0).writeAndFlush(message);
            }
        }

        @Sharable
        private final class Front extends Side {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                if (LinkedConnections.linkedTo(ctx.channel()).isEmpty()) {
                    ctx.channel().config().setAutoRead(false);
                    ChannelFutureListener connected =
                            done -> ctx.channel().config().setAutoRead(true);
                    Channel back = backend.clone(ctx.channel().eventLoop())
                            .connect(address)
                            .addListener(connected)
                            .channel();
                    LinkedConnections.link(ctx.channel(), back);
                }
            }
        }
    }
}
