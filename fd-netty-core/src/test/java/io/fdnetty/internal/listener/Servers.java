package io.fdnetty.internal.listener;

import io.fdnetty.fd.Descriptor;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Event loops for the servers of a test, and what the tests do with them. */
final class Servers implements AutoCloseable {
    static final InetSocketAddress LOOPBACK_ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final ChannelGroup servers = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    final EventLoopGroup boss = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    final EventLoopGroup workers = new MultiThreadIoEventLoopGroup(3, EpollIoHandler.newFactory());

    ServerBootstrap bootstrap() {
        return new ServerBootstrap().group(boss, workers).childHandler(new Echo(""));
    }

    /** A TCP echo server that prefixes what it echoes. */
    Channel echo(Listeners listeners, String name, SocketAddress address, String prefix) throws InterruptedException {
        return bind(bootstrap().channelFactory(listeners.tcp(name)).childHandler(new Echo(prefix)), address);
    }

    Channel bind(ServerBootstrap bootstrap, SocketAddress address) throws InterruptedException {
        return closing(bootstrap.bind(address).sync().channel());
    }

    static Listeners cold() {
        return new Listeners(new InheritedSockets());
    }

    /** What a successor gets: copies of all sockets of {@code listeners}. */
    static InheritedSockets handOver(Listeners listeners) {
        InheritedSockets table = new InheritedSockets();
        for (Listener listener : listeners.all()) {
            String address = listener.address().toString();
            table.add(listener.name(), listener.kind(), address, copy(listener));
        }
        return table;
    }

    static Descriptor copy(Listener listener) {
        try (Descriptor borrowed = listener.borrow()) {
            return copy(borrowed.peek(), listener.name());
        }
    }

    /** As another process gets it: through a unix socket. */
    static Descriptor copy(FileDescriptor fd, String name) {
        Socket listener = Socket.newSocketDomain();
        Socket in = Socket.newSocketDomain();
        try {
            DomainSocketAddress address = new DomainSocketAddress("\0fd-netty-test-" + UUID.randomUUID());
            listener.bind(address);
            listener.listen(1);
            in.connect(address);
            Socket out = new Socket(listener.accept(new byte[26]));
            in.sendFd(fd.intValue());
            Descriptor copy = Descriptor.adopt(new FileDescriptor(out.recvFd()), name);
            out.close();
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            EventLoops.closeQuietly(in);
            EventLoops.closeQuietly(listener);
        }
    }

    static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    static int port(Channel server) {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /** Closes the channel at the end of the test, if it is open still. */
    <C extends Channel> C closing(C channel) {
        servers.add(channel);
        return channel;
    }

    /** A loop that is shut down without a quiet period may end without closing its channels. */
    @Override
    public void close() {
        servers.close().syncUninterruptibly();
        Echo.CHILDREN.close().syncUninterruptibly();
        boss.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        workers.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** Says its prefix when active, then echoes. */
    @Sharable
    public static final class Echo extends ChannelInboundHandlerAdapter {
        private static final ChannelGroup CHILDREN = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

        private final String prefix;

        Echo(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            CHILDREN.add(ctx.channel());
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            if (!prefix.isEmpty()) {
                ctx.writeAndFlush(ctx.alloc().buffer().writeBytes(prefix.getBytes(StandardCharsets.UTF_8)));
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ctx.writeAndFlush(msg);
        }
    }
}
