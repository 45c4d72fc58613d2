package io.fdnetty.internal.capture;

import static io.fdnetty.internal.capture.Clients.frame;
import static io.fdnetty.internal.capture.Clients.random;
import static io.fdnetty.internal.capture.Clients.read;
import static io.fdnetty.internal.capture.Clients.readBytes;
import static io.fdnetty.internal.capture.Clients.send;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.testing.Background;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.channel.Channel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Connections that move while their clients talk. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class LiveMoveTest {
    @Test
    void aRawConnectionGoesOnInTheOtherServer() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            send(client, "before");
            assertThat(read(client, 6)).isEqualTo("before");
            b.move(a.capture(a.only()));
            send(client, "after");
            assertThat(read(client, 5)).isEqualTo("after");
            Eventually.holds("a has forgotten it", a.connections().open()::isEmpty);
        }
    }

    @Test
    void whatTheClientSendsWhileItsConnectionIsStoppedIsAnsweredByTheOtherServer() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            Captured captured = a.capture(a.only());
            send(client, "meanwhile");
            b.move(captured);
            assertThat(read(client, 9)).isEqualTo("meanwhile");
        }
    }

    @Test
    void aFrameInPiecesOfOneByteMovesBetweenAnyTwoOfThem() throws Exception {
        byte[] frame = frame("hello".getBytes(UTF_8));
        try (MovingServer a = new MovingServer(Pipelines::frames);
                MovingServer b = new MovingServer(Pipelines::frames);
                Socket client = a.connect()) {
            MovingServer from = a;
            MovingServer to = b;
            for (int i = 0; i < frame.length; i++) {
                long sent = i + 1L;
                client.getOutputStream().write(frame[i]);
                TrackedConnection connection = from.only();
                Captured captured = from.capture(connection);
                assertThat((long) captured.unit().parts().get(0).unread().readableBytes())
                        .isLessThanOrEqualTo(sent);
                to.move(captured);
                MovingServer other = from;
                from = to;
                to = other;
            }
            assertThat(readBytes(client, frame.length)).isEqualTo(frame);
        }
    }

    @Test
    void halfAFrameOfOneMebibyteTravelsUnread() throws Exception {
        byte[] frame = frame(random(1 << 20, 1));
        try (MovingServer a = new MovingServer(Pipelines::frames);
                MovingServer b = new MovingServer(Pipelines::frames);
                Socket client = a.connect()) {
            TrackedConnection connection = a.only();
            send(client, Arrays.copyOf(frame, frame.length / 2));
            Eventually.holds("the first half is read", () -> unread(connection) >= frame.length / 2);
            Captured captured = a.capture(connection);
            assertThat(captured.unit().parts().get(0).unread().readableBytes()).isEqualTo(frame.length / 2);
            b.move(captured);
            CompletableFuture<Void> rest = Background.run(() -> sendRest(client, frame));
            assertThat(readBytes(client, frame.length)).isEqualTo(frame);
            rest.join();
        }
    }

    private static int unread(TrackedConnection connection) {
        Channel channel = connection.channel();
        return channel.eventLoop()
                .submit(() -> ReadableBytes.of(channel.pipeline().get(LengthFieldBasedFrameDecoder.class)))
                .syncUninterruptibly()
                .getNow();
    }

    private static void sendRest(Socket client, byte[] frame) {
        try {
            send(client, Arrays.copyOfRange(frame, frame.length / 2, frame.length));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void halfALineTravels() throws Exception {
        twoHalves(Pipelines::lines, "half a ", "line\n");
    }

    @Test
    void halfADelimitedMessageTravels() throws Exception {
        twoHalves(Pipelines::delimited, "half a message|", "|");
    }

    private static void twoHalves(MovingServer.Pipeline pipeline, String first, String second) throws Exception {
        try (MovingServer a = new MovingServer(pipeline);
                MovingServer b = new MovingServer(pipeline);
                Socket client = a.connect()) {
            a.only();
            send(client, first);
            b.move(a.capture(a.only()));
            send(client, second);
            assertThat(read(client, first.length() + second.length())).isEqualTo(first + second);
        }
    }

    @Test
    void aStreamingConnectionMovesAHundredTimesAndLosesNothing() throws Exception {
        AtomicBoolean moving = new AtomicBoolean(true);
        Semaphore inFlight = new Semaphore(200);
        try (MovingServer a = new MovingServer(Pipelines::frames);
                MovingServer b = new MovingServer(Pipelines::frames);
                Socket client = a.connect(32 << 10)) {
            CompletableFuture<Long> writer = Background.supply(() -> stream(client, moving, inFlight));
            CompletableFuture<Long> reader = Background.supply(() -> verify(client, inFlight));
            MovingServer from = a;
            MovingServer to = b;
            for (int i = 0; i < 100; i++) {
                to.move(from.capture(from.only()));
                MovingServer other = from;
                from = to;
                to = other;
            }
            moving.set(false);
            assertThat(reader.join()).isEqualTo(writer.join()).isPositive();
        }
    }

    /** Sends frames whose content follows from their number, then an empty one; returns how many. */
    private static long stream(Socket client, AtomicBoolean moving, Semaphore inFlight) {
        long number = 0;
        try {
            for (; moving.get(); number++) {
                inFlight.acquireUninterruptibly();
                send(client, content(number));
            }
            send(client, frame(new byte[0]));
        } catch (IOException e) {
            throw new AssertionError("after " + number + " frames", e);
        }
        return number;
    }

    private static long verify(Socket client, Semaphore inFlight) {
        long number = 0;
        try {
            for (; ; number++) {
                int length = ByteBuffer.wrap(readBytes(client, 4)).getInt();
                if (length == 0) {
                    return number;
                }
                assertThat(frame(readBytes(client, length)))
                        .as("frame %d", number)
                        .isEqualTo(content(number));
                inFlight.release();
            }
        } catch (IOException e) {
            throw new AssertionError("at frame " + number, e);
        }
    }

    private static byte[] content(long number) {
        return frame(random((int) (1 + number * 37 % 5000), number));
    }

    @Test
    void aConnectionThatWasAcceptedAndOneThatArrivedHaveNothingOfOursInTheirPipeline() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            send(client, "x");
            assertThat(read(client, 1)).isEqualTo("x");
            assertThat(a.only().channel().pipeline().toMap().values())
                    .singleElement()
                    .isInstanceOf(Echo.class);
            TrackedConnection moved = b.move(a.capture(a.only()));
            assertThat(moved.channel().pipeline().toMap().values())
                    .singleElement()
                    .isInstanceOf(Echo.class);
        }
    }

    @Test
    void handlersSeeRemovalHereAndAnOrdinaryLifeThere() throws Exception {
        List<String> lifeInA = new CopyOnWriteArrayList<>();
        List<String> lifeInB = new CopyOnWriteArrayList<>();
        try (MovingServer a = new MovingServer(child -> Pipelines.closing(child, new Diary(lifeInA)));
                MovingServer b = new MovingServer(child -> Pipelines.closing(child, new Diary(lifeInB)));
                Socket client = a.connect()) {
            Captured captured = a.capture(a.only());
            send(client, "x");
            b.move(captured);
            Eventually.holds("read", () -> lifeInB.contains("read"));
            Clients.reset(client);
            Eventually.holds("closed", () -> lifeInB.contains("removed"));
        }
        assertThat(lifeInA).containsExactly("added", "active", "removed");
        assertThat(lifeInB).startsWith("added", "active", "read").endsWith("inactive", "removed");
    }
}
