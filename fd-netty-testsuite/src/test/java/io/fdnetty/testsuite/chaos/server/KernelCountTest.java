package io.fdnetty.testsuite.chaos.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.NativeTransport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The kernel's counts of a connection whose server reads when it is told to. */
class KernelCountTest {
    private static final int LIMIT_SECONDS = 10;
    private static final int FEW = 1_000;
    private static final int MORE_THAN_A_PAGE = 100_000;

    private final EventLoopGroup loops = NativeTransport.eventLoops("witness", 1);
    private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> reads = new LinkedBlockingQueue<>();
    private Socket client;
    private Channel server;

    @BeforeEach
    void connect() throws Exception {
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channel(EpollServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new Reader())
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        int port = ((InetSocketAddress) listener.localAddress()).getPort();
        client = new Socket(InetAddress.getLoopbackAddress(), port);
        server = accepted.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    @Test
    void whatWaitsUnreadIsNotRead() throws Exception {
        send(FEW);

        assertThat(count()).isEqualTo(new KernelCount(OptionalLong.of(0), 0));
    }

    @Test
    void ifMoreThanAPageWaitsItIsNotToldUntilItIsRead() throws Exception {
        send(MORE_THAN_A_PAGE);
        assertThat(count().read()).isEmpty();

        readAll(MORE_THAN_A_PAGE);
        assertThat(count().read()).hasValue(MORE_THAN_A_PAGE);
    }

    @Test
    void whatWasTakenOutIsRead() throws Exception {
        send(FEW);
        readAll(FEW);

        assertThat(count()).isEqualTo(new KernelCount(OptionalLong.of(FEW), 0));
    }

    @Test
    void theEndOfTheStreamIsNoByte() throws Exception {
        send(FEW);
        server.deregister().sync(); // or Netty reads at the end of the stream, unasked
        client.shutdownOutput();
        awaitReceived(FEW + 1);

        assertThat(count()).isEqualTo(new KernelCount(OptionalLong.of(0), 0));
    }

    @Test
    void whatWasPutInIsWrittenWhetherTheClientHasItOrNot() throws Exception {
        server.writeAndFlush(Unpooled.wrappedBuffer(new byte[FEW])).sync();
        assertThat(count().written()).isEqualTo(FEW);

        client.getInputStream().readNBytes(FEW);
        assertThat(count().written()).isEqualTo(FEW);
    }

    @Test
    void aByteTooManyInTheAccountIsADisagreement() throws Exception {
        send(FEW);
        readAll(FEW);
        KernelCount count = count();

        assertThat(count.agrees(FEW, 0)).isTrue();
        assertThat(count.agrees(FEW + 1, 0)).isFalse();
        assertThat(count.agrees(FEW, 1)).isFalse();
    }

    private void send(int bytes) throws Exception {
        client.getOutputStream().write(new byte[bytes]);
        awaitReceived(bytes);
    }

    private void awaitReceived(long bytes) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (TcpInfo.of(server).received() < bytes && System.nanoTime() - deadline < 0) {
            Thread.onSpinWait();
        }
        assertThat(TcpInfo.of(server).received()).isEqualTo(bytes);
    }

    private void readAll(int bytes) throws InterruptedException {
        int read = 0;
        while (read < bytes) {
            server.read();
            Integer more = reads.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(more).isNotNull();
            read += more;
        }
        assertThat(read).isEqualTo(bytes);
    }

    private KernelCount count() {
        return KernelCount.of(server).orElseThrow();
    }

    private final class Reader extends ChannelInboundHandlerAdapter {
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            accepted.add(ctx.channel());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            reads.add(((ByteBuf) bytes).readableBytes());
            ((ByteBuf) bytes).release();
        }
    }
}
