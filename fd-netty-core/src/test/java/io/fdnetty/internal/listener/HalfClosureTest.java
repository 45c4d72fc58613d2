package io.fdnetty.internal.listener;

import static io.fdnetty.internal.listener.Servers.LOOPBACK_ANY_PORT;
import static io.fdnetty.internal.listener.Servers.port;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.internal.capture.Clients;
import io.fdnetty.testing.DescriptorLeaks;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Clients that end their output and then read a big answer slowly, without an upgrade. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class HalfClosureTest {
    private static final byte[] ANSWER = Clients.random(30_000_000, 1);
    private static final long IDLE_MILLIS = 400;

    private final Servers servers = new Servers();
    private final Listeners listeners = Servers.cold();
    private final BlockingQueue<DuplexChannel> halfClosed = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        halfClosed.forEach(Channel::close);
        servers.close();
    }

    @Test
    void aHalfClosedClientGetsAllOfABigAnswer() throws Exception {
        try (Socket client = slowClient(serve(new Answering()))) {
            client.shutdownOutput();

            assertWhole(Clients.readToEnd(client));
        }
    }

    @Test
    void theAnswerMayComeLongAfterTheEndOfTheInput() throws Exception {
        try (Socket client = slowClient(serve(new Noting()))) {
            DuplexChannel channel = endOutput(client);
            answer(channel);

            assertWhole(Clients.readToEnd(client));
        }
    }

    @Test
    void aClientOfAUnixListenerGetsItToo(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("s");
        servers.bind(
                bootstrap(new Noting()).channelFactory(listeners.unix("main")),
                new DomainSocketAddress(path.toString()));
        listeners.releaseAll();
        try (Client client = Client.unix(path)) {
            client.channel.shutdownOutput();
            answer(settled());

            assertWhole(Channels.newInputStream(client.channel).readAllBytes());
        }
    }

    @Test
    void aHalfClosedConnectionThatIsToldToReadGetsItsAnswer() throws Exception {
        try (Socket client = slowClient(serve(new Noting()))) {
            DuplexChannel channel = endOutput(client);
            channel.config().setAutoRead(false);
            channel.config().setAutoRead(true);
            channel.read();
            turns(channel.eventLoop());
            answer(channel);

            assertWhole(Clients.readToEnd(client));
        }
    }

    @Test
    void aHalfClosedConnectionThatIsRegisteredAgainGetsItsAnswer() throws Exception {
        try (Socket client = slowClient(serve(new Noting()))) {
            DuplexChannel channel = endOutput(client);
            channel.deregister().sync();
            listeners.all().get(0).deliver(channel).sync();
            turns(channel.eventLoop());
            answer(channel);

            assertWhole(Clients.readToEnd(client));
        }
    }

    @Test
    void anIdleHalfClosedConnectionCostsNoProcessorTime() throws Exception {
        try (Socket client = slowClient(serve(new Noting()))) {
            DuplexChannel channel = endOutput(client);

            assertIdle(channel.eventLoop());
        }
    }

    @Test
    void aHalfClosedConnectionThatIsResetCostsNoProcessorTime() throws Exception {
        try (Socket client = slowClient(serve(new Noting()))) {
            DuplexChannel channel = endOutput(client);
            Clients.reset(client);

            assertIdle(channel.eventLoop());
        }
    }

    @Test
    void aConnectionWhoseBothHalvesAreClosedCostsNoProcessorTime() throws Exception {
        try (Socket client = slowClient(serve(new Noting()))) {
            DuplexChannel channel = endOutput(client);
            channel.shutdownOutput().sync();
            assertThat(Clients.readToEnd(client)).isEmpty();

            assertIdle(channel.eventLoop());
        }
    }

    @Test
    void whereNettyCannotBeMendedACutAnswerEndsWithAReset() throws Exception {
        Channel server = serveWithoutListeners();
        try (Socket client = slowClient(server)) {
            DuplexChannel channel = endOutput(client);
            channel.read();
            answer(channel);

            assertThatThrownBy(() -> Clients.readToEnd(client)).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void whereNettyCannotBeMendedAnAnswerThatFitsEndsInOrder() throws Exception {
        Channel server = serveWithoutListeners();
        try (Socket client = slowClient(server)) {
            DuplexChannel channel = endOutput(client);
            channel.writeAndFlush(Unpooled.copiedBuffer(ANSWER, 0, 1000))
                    .addListener(written -> channel.shutdownOutput());

            assertThat(Clients.readToEnd(client)).hasSize(1000);
        }
    }

    private Channel serve(ChannelHandler handler) throws Exception {
        Channel server = servers.bind(bootstrap(handler).channelFactory(listeners.tcp("main")), LOOPBACK_ANY_PORT);
        listeners.releaseAll();
        return server;
    }

    private Channel serveWithoutListeners() throws Exception {
        ServerBootstrap plain = bootstrap(pipeline(new CutOutputReset(), new Noting()));
        return servers.bind(plain.channel(EpollServerSocketChannel.class), LOOPBACK_ANY_PORT);
    }

    private ServerBootstrap bootstrap(ChannelHandler handler) {
        return servers.bootstrap()
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(handler);
    }

    private static ChannelHandler pipeline(ChannelHandler... handlers) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel child) {
                child.pipeline().addLast(handlers);
            }
        };
    }

    private static Socket slowClient(Channel server) throws Exception {
        Socket client = new Socket();
        client.setReceiveBufferSize(8 << 10);
        client.setSoTimeout(20_000);
        client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port(server)));
        return client;
    }

    /** The server's channel, once it has nothing to wait for any more. */
    private DuplexChannel endOutput(Socket client) throws Exception {
        client.shutdownOutput();
        return settled();
    }

    private DuplexChannel settled() throws Exception {
        DuplexChannel channel = halfClosed.poll(10, TimeUnit.SECONDS);
        assertThat(channel).isNotNull();
        turns(channel.eventLoop());
        return channel;
    }

    /** In each turn the loop handles the events that are there. */
    private static void turns(EventLoop loop) throws InterruptedException {
        for (int i = 0; i < 20; i++) {
            loop.submit(() -> {}).sync();
        }
    }

    private static void answer(Channel channel) {
        channel.writeAndFlush(Unpooled.wrappedBuffer(ANSWER)).addListener(ChannelFutureListener.CLOSE);
    }

    private static void assertWhole(byte[] received) {
        assertThat(received.length).isEqualTo(ANSWER.length);
        assertThat(Arrays.equals(received, ANSWER)).isTrue();
    }

    private static void assertIdle(EventLoop loop) throws Exception {
        long thread = loop.submit(() -> Thread.currentThread().getId()).get();
        turns(loop);
        long before = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread);
        loop.schedule(() -> {}, IDLE_MILLIS, TimeUnit.MILLISECONDS).sync();
        long used = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread) - before;
        assertThat(TimeUnit.NANOSECONDS.toMillis(used))
                .as("milliseconds of processor time in %d", IDLE_MILLIS)
                .isLessThan(IDLE_MILLIS / 10);
    }

    /** Answers at once when the client has ended its output. */
    @Sharable
    private static final class Answering extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownReadComplete) {
                answer(ctx.channel());
            }
        }
    }

    /** Leaves the answer to the test. */
    @Sharable
    private final class Noting extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownReadComplete) {
                halfClosed.add((DuplexChannel) ctx.channel());
            }
        }
    }
}
