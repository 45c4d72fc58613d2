package io.fdnetty.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DuplexChannel;
import java.net.Socket;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients that have ended their output and read a big answer slowly, while their connection moves or comes back. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class HalfClosedMoveTest {
    /** More than the sockets take, and no more than may be pending when a connection moves. */
    private static final byte[] ANSWER = Clients.random(16_000_000, 7);

    @Test
    void anAnswerThatIsPendingArrivesWholeFromTheOtherSide() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect(8 << 10)) {
            answer(endOutput(client, a));
            b.move(a.capture(a.only()));

            assertWhole(client);
        }
    }

    @Test
    void anAnswerThatBeginsOnTheOtherSideArrivesWhole() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect(8 << 10)) {
            endOutput(client, a);
            Channel there = b.move(a.capture(a.only())).channel();
            settle((DuplexChannel) there);
            answer(there);

            assertWhole(client);
        }
    }

    @Test
    void anAnswerThatIsPendingArrivesWholeAfterARollBack() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                Socket client = a.connect(8 << 10)) {
            answer(endOutput(client, a));
            a.capture(a.only()).resume("test");

            assertWhole(client);
        }
    }

    @Test
    void anAnswerThatBeginsAfterARollBackArrivesWhole() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                Socket client = a.connect(8 << 10)) {
            DuplexChannel channel = endOutput(client, a);
            a.capture(a.only()).resume("test");
            Eventually.holds("it is back", channel::isRegistered);
            settle(channel);
            answer(channel);

            assertWhole(client);
        }
    }

    @Test
    void anAnswerThatMovesTwiceArrivesWhole() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                MovingServer c = new MovingServer(Pipelines::raw);
                Socket client = a.connect(8 << 10)) {
            answer(endOutput(client, a));
            b.move(a.capture(a.only()));
            c.move(b.capture(b.only()));

            assertWhole(client);
        }
    }

    private static DuplexChannel endOutput(Socket client, MovingServer server) throws Exception {
        DuplexChannel channel = (DuplexChannel) server.only().channel();
        client.shutdownOutput();
        settle(channel);
        return channel;
    }

    /** Waits until the channel has nothing to wait for: in each turn its loop handles the events that are there. */
    private static void settle(DuplexChannel channel) throws InterruptedException {
        Eventually.holds("the end is seen", channel::isInputShutdown);
        for (int i = 0; i < 20; i++) {
            channel.eventLoop().submit(() -> {}).sync();
        }
    }

    private static void answer(Channel channel) {
        channel.writeAndFlush(Unpooled.wrappedBuffer(ANSWER)).addListener(ChannelFutureListener.CLOSE);
    }

    private static void assertWhole(Socket client) throws Exception {
        byte[] received = Clients.readToEnd(client);
        assertThat(received.length).isEqualTo(ANSWER.length);
        assertThat(Arrays.equals(received, ANSWER)).isTrue();
    }
}
