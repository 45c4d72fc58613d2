package io.fdnetty.internal.listener;

import static io.fdnetty.internal.listener.Servers.LOOPBACK_ANY_PORT;
import static io.fdnetty.internal.listener.Servers.cold;
import static io.fdnetty.internal.listener.Servers.get;
import static io.fdnetty.internal.listener.Servers.handOver;
import static io.fdnetty.internal.listener.Servers.port;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.testing.DescriptorLeaks;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramChannel;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.AlreadyConnectedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class UdpTest {
    private final Servers servers = new Servers();
    private final Listeners old = cold();

    @AfterEach
    void close() {
        servers.close();
    }

    @Test
    void theNewServerAnswersOnceItIsReleasedAndNoDatagramIsLost() throws Exception {
        Channel server = bind(old, "a");
        old.releaseAll();
        try (DatagramSocket client = new DatagramSocket()) {
            assertThat(ask(client, port(server), "1")).isEqualTo("a1");

            Listeners successor = new Listeners(handOver(old));
            bind(successor, "b");
            assertThat(ask(client, port(server), "2")).isEqualTo("a2");
            get(old.stopAll());
            send(client, port(server), "3");
            successor.releaseAll();
            assertThat(receive(client)).isEqualTo("b3");
            get(old.retireAll());
            assertThat(ask(client, port(server), "4")).isEqualTo("b4");
            get(old.closeAll());
            assertThat(ask(client, port(server), "5")).isEqualTo("b5");
        }
    }

    @Test
    void aConnectedSocketStaysConnected() throws Exception {
        try (DatagramSocket peer = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            InetSocketAddress remote = (InetSocketAddress) peer.getLocalSocketAddress();
            Channel before = bootstrap(old, "a")
                    .connect(remote, LOOPBACK_ANY_PORT)
                    .sync()
                    .channel();
            old.releaseAll();
            Listeners successor = new Listeners(handOver(old));

            DatagramChannel adopted = (DatagramChannel)
                    bootstrap(successor, "b").connect(remote).sync().channel();

            servers.closing(adopted);
            assertThat(adopted.isConnected()).isTrue();
            assertThat(adopted.localAddress()).isEqualTo(before.localAddress());
            get(old.stopAll());
            successor.releaseAll();
            get(old.retireAll());
            assertThat(ask(peer, port(adopted), "1")).isEqualTo("b1");
            adopted.writeAndFlush(Unpooled.copiedBuffer("unasked", UTF_8)).sync();
            assertThat(receive(peer)).isEqualTo("unasked");
            get(old.closeAll());
        }
    }

    @Test
    void anInheritedSocketIsNotConnectedElsewhereUnderTheOldServer() throws Exception {
        try (DatagramSocket peer = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            servers.closing(bootstrap(old, "a")
                    .connect(peer.getLocalSocketAddress())
                    .sync()
                    .channel());
            Listeners successor = new Listeners(handOver(old));

            assertThatThrownBy(() -> bootstrap(successor, "b")
                            .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9))
                            .sync())
                    .isInstanceOf(AlreadyConnectedException.class)
                    .cause()
                    .hasMessageContaining("would change the predecessor's socket");
        }
    }

    @Test
    void anUnconnectedInheritedSocketMayBeConnectedOnceItIsBound() throws Exception {
        Channel server = bind(old, "a");
        Listeners successor = new Listeners(handOver(old));
        try (DatagramSocket peer = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> bootstrap(successor, "b")
                            .connect(peer.getLocalSocketAddress())
                            .sync())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("not connected");
            assertThat(server.isActive()).isTrue();
        }
    }

    private Channel bind(Listeners listeners, String prefix) throws InterruptedException {
        return servers.closing(
                bootstrap(listeners, prefix).bind(LOOPBACK_ANY_PORT).sync().channel());
    }

    private Bootstrap bootstrap(Listeners listeners, String prefix) {
        return new Bootstrap()
                .group(servers.workers)
                .channelFactory(listeners.udp("dns"))
                .handler(new Echo(prefix));
    }

    private static String ask(DatagramSocket client, int port, String question) throws IOException {
        send(client, port, question);
        return receive(client);
    }

    private static void send(DatagramSocket client, int port, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        client.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
    }

    private static String receive(DatagramSocket client) throws IOException {
        DatagramPacket in = new DatagramPacket(new byte[100], 100);
        client.setSoTimeout(10_000);
        client.receive(in);
        return new String(in.getData(), 0, in.getLength(), UTF_8);
    }

    private static final class Echo extends SimpleChannelInboundHandler<io.netty.channel.socket.DatagramPacket> {
        private final String prefix;

        Echo(String prefix) {
            this.prefix = prefix;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, io.netty.channel.socket.DatagramPacket packet) {
            ByteBuf answer = Unpooled.wrappedBuffer(
                    Unpooled.copiedBuffer(prefix, UTF_8), packet.content().retain());
            ctx.writeAndFlush(new io.netty.channel.socket.DatagramPacket(answer, packet.sender()));
        }
    }
}
