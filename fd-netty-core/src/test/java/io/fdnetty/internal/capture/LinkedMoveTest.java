package io.fdnetty.internal.capture;

import static io.fdnetty.internal.capture.Clients.random;
import static io.fdnetty.internal.capture.Clients.read;
import static io.fdnetty.internal.capture.Clients.readBytes;
import static io.fdnetty.internal.capture.Clients.readToEnd;
import static io.fdnetty.internal.capture.Clients.send;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.LinkedConnections;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.protocol.ConnectionPart;
import io.fdnetty.testing.Background;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A relay's two connections that move together while both ends talk. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class LinkedMoveTest {
    private static final int MEGABYTES = 8 << 20;

    private ServerSocket listener;

    @BeforeEach
    void listen() throws IOException {
        listener = new ServerSocket();
        listener.setReceiveBufferSize(8 << 10);
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        listener.setSoTimeout(10_000);
    }

    @AfterEach
    void stop() throws IOException {
        listener.close();
    }

    private MovingRelay relay() throws Exception {
        return new MovingRelay(listener.getLocalSocketAddress());
    }

    private MovingRelay relay(boolean quietly) throws Exception {
        MovingRelay.Make make = new MovingRelay.Make();
        make.quietly = quietly;
        return new MovingRelay(make, listener.getLocalSocketAddress());
    }

    private Socket accept() throws IOException {
        Socket backend = listener.accept();
        backend.setSoTimeout(10_000);
        return backend;
    }

    static void talk(Socket one, Socket other, String text) throws IOException {
        send(one, text);
        assertThat(read(other, text.length())).isEqualTo(text);
        send(other, text);
        assertThat(read(one, text.length())).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bothConnectionsGoOnInTheOtherRelay(boolean quietly) throws Exception {
        try (MovingRelay a = relay();
                MovingRelay b = relay(quietly);
                Socket client = a.connect();
                Socket backend = accept()) {
            talk(client, backend, "before");
            Captured captured = a.capture();
            assertThat(captured.unit().parts()).extracting(ConnectionPart::role).containsExactly("accepted", "backend");
            send(client, "from the client");
            send(backend, "from the backend");
            b.move(captured);
            assertThat(read(backend, 15)).isEqualTo("from the client");
            assertThat(read(client, 16)).isEqualTo("from the backend");
            talk(client, backend, "after");
            Eventually.holds("a has forgotten them", a::isEmpty);
            client.shutdownOutput();
            assertThat(readToEnd(backend)).isEmpty();
            Clients.hangUp(backend);
            assertThat(readToEnd(client)).isEmpty();
            Clients.hangUp(client);
            Eventually.holds("b has closed both", b::isEmpty);
        }
    }

    @Test
    void bytesFlowInBothDirectionsWhileTheyMoveThirtyTimes() throws Exception {
        byte[] up = random(MEGABYTES, 1);
        byte[] down = random(MEGABYTES, 2);
        try (MovingRelay a = relay();
                MovingRelay b = relay();
                Socket client = a.connect(32 << 10);
                Socket backend = accept()) {
            CompletableFuture<byte[]> atBackend = Background.supply(() -> drink(backend));
            CompletableFuture<byte[]> atClient = Background.supply(() -> drink(client));
            CompletableFuture<Void> fromClient = Background.run(() -> stream(client, up));
            CompletableFuture<Void> fromBackend = Background.run(() -> stream(backend, down));
            MovingRelay from = a;
            MovingRelay to = b;
            for (int i = 0; i < 30; i++) {
                to.move(from.capture());
                MovingRelay other = from;
                from = to;
                to = other;
            }
            fromClient.join();
            fromBackend.join();
            assertThat(atBackend.join()).isEqualTo(up);
            assertThat(atClient.join()).isEqualTo(down);
        }
    }

    private static byte[] drink(Socket from) {
        try {
            return readBytes(from, MEGABYTES);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void stream(Socket to, byte[] bytes) {
        try {
            send(to, bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void megabytesForASlowSideMoveAndArriveOnce(boolean slowBackend) throws Exception {
        byte[] bytes = random(MEGABYTES, 3);
        MovingRelay.Make greedy = new MovingRelay.Make();
        greedy.front = channel -> channel.config().setWriteBufferHighWaterMark(2 * MEGABYTES);
        greedy.back = greedy.front;
        try (MovingRelay a = new MovingRelay(greedy, listener.getLocalSocketAddress());
                MovingRelay b = relay();
                Socket client = a.connect(8 << 10);
                Socket backend = accept()) {
            a.only(1);
            Socket fast = slowBackend ? client : backend;
            Socket slow = slowBackend ? backend : client;
            send(fast, bytes);
            Captured captured = a.capture();
            assertThat(captured.unit()
                            .parts()
                            .get(slowBackend ? 1 : 0)
                            .unwritten()
                            .readableBytes())
                    .isPositive();
            b.move(captured);
            assertThat(readBytes(slow, MEGABYTES)).isEqualTo(bytes);
            talk(client, backend, "after");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHalfClosedSideStaysHalfClosed(boolean byClient) throws Exception {
        try (MovingRelay a = relay();
                MovingRelay b = relay();
                Socket client = a.connect();
                Socket backend = accept()) {
            talk(client, backend, "before");
            Socket ended = byClient ? client : backend;
            Socket other = byClient ? backend : client;
            ended.shutdownOutput();
            assertThat(other.getInputStream().read()).isEqualTo(-1);
            Captured captured = a.capture();
            assertThat(captured.unit().parts().get(byClient ? 0 : 1).has(ConnectionPart.INPUT_SHUTDOWN))
                    .isTrue();
            assertThat(captured.unit().parts().get(byClient ? 1 : 0).has(ConnectionPart.OUTPUT_SHUTDOWN))
                    .isTrue();
            b.move(captured);
            send(other, "the other way");
            assertThat(read(ended, 13)).isEqualTo("the other way");
            Clients.hangUp(other);
            assertThat(readToEnd(ended)).isEmpty();
            Clients.hangUp(ended);
            Eventually.holds("b has closed both", b::isEmpty);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHalfClosedSideThatReadsSlowlyGetsAllBeforeAndAfterTheMove(boolean byClient) throws Exception {
        try (MovingRelay a = relay();
                MovingRelay b = relay();
                Socket client = a.connect();
                Socket backend = accept()) {
            talk(client, backend, "before");
            Socket ended = byClient ? client : backend;
            Socket other = byClient ? backend : client;
            ended.shutdownOutput();
            assertThat(other.getInputStream().read()).isEqualTo(-1);
            pour(other, byClient ? a.only(1).channel() : a.back(), ended);
            b.move(a.capture());
            pour(other, byClient ? b.only(1).channel() : b.back(), ended);
        }
    }

    /** The reader begins when the relay cannot write any more. */
    private static void pour(Socket from, Channel relay, Socket to) throws Exception {
        byte[] bytes = random(4 * MEGABYTES, 6);
        CompletableFuture<Void> sent = Background.run(() -> sendAll(from, bytes));
        Eventually.holds("the relay cannot write", () -> !relay.isWritable());
        assertThat(Arrays.equals(readBytes(to, bytes.length), bytes)).isTrue();
        sent.get(10, SECONDS);
    }

    private static void sendAll(Socket to, byte[] bytes) {
        try {
            send(to, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aSideThatEndsBehindMegabytesForTheOtherEndsThereAfterThem() throws Exception {
        byte[] bytes = random(MEGABYTES, 4);
        MovingRelay.Make greedy = new MovingRelay.Make();
        greedy.front = channel -> channel.config().setWriteBufferHighWaterMark(2 * MEGABYTES);
        try (MovingRelay a = new MovingRelay(greedy, listener.getLocalSocketAddress());
                MovingRelay b = relay();
                Socket client = a.connect(8 << 10);
                Socket backend = accept()) {
            a.only(1);
            send(backend, bytes);
            backend.shutdownOutput();
            b.move(a.capture());
            assertThat(readToEnd(client)).isEqualTo(bytes);
            send(client, "still");
            assertThat(read(backend, 5)).isEqualTo("still");
        }
    }

    @Test
    void aFrontThatClosesAfterItsLastWriteDoesSoThereAndItsBackHearsIt() throws Exception {
        byte[] bytes = random(MEGABYTES, 5);
        try (MovingRelay a = relay();
                MovingRelay b = relay();
                Socket client = a.connect(8 << 10);
                Socket backend = accept()) {
            TrackedConnection front = a.only(1);
            front.channel().writeAndFlush(Unpooled.wrappedBuffer(bytes)).addListener(ChannelFutureListener.CLOSE);
            Captured captured = a.capture();
            assertThat(captured.unit().parts().get(0).has(ConnectionPart.CLOSE_AFTER_WRITE))
                    .isTrue();
            b.move(captured);
            assertThat(readToEnd(client)).isEqualTo(bytes);
            assertThat(readToEnd(backend)).isEmpty();
            Eventually.holds("b has closed both", b::isEmpty);
        }
    }

    @Test
    void threeLinkedConnectionsMoveTogether() throws Exception {
        try (ServerSocket second = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                MovingRelay a = new MovingRelay(listener.getLocalSocketAddress(), second.getLocalSocketAddress());
                MovingRelay b = new MovingRelay(listener.getLocalSocketAddress(), second.getLocalSocketAddress());
                Socket client = a.connect();
                Socket backend = accept();
                Socket mirror = second.accept()) {
            TrackedConnection front = a.only(2);
            talk(client, backend, "before");
            b.move(MovingRelay.capture(front));
            talk(client, backend, "after");
            assertThat(LinkedConnections.linkedTo(b.only(2).channel())).hasSize(2);
            send(mirror, "from the third");
            assertThat(read(client, 14)).isEqualTo("from the third");
        }
    }
}
