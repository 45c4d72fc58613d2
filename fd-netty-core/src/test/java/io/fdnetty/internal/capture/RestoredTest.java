package io.fdnetty.internal.capture;

import static io.fdnetty.internal.capture.Clients.read;
import static io.fdnetty.internal.capture.Clients.send;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.arrival.Arrival;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.move.ConnectionRestored;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Connections whose handlers have a state that moves along. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class RestoredTest {
    private final List<String> lifeInA = new CopyOnWriteArrayList<>();
    private final List<String> lifeInB = new CopyOnWriteArrayList<>();

    @Test
    void aHandlerGetsItsStateInsteadOfChannelActive() throws Exception {
        try (MovingServer a = counting(lifeInA, "counter", 1, 1);
                MovingServer b = counting(lifeInB, "counter", 1, 1);
                Socket client = a.connect()) {
            assertThat(read(client, 5)).isEqualTo("hello");
            send(client, "x");
            assertThat(read(client, 2)).isEqualTo("1\n");
            b.move(a.capture(a.only()));
            send(client, "x");
            assertThat(read(client, 2)).isEqualTo("2\n");
        }
        assertThat(lifeInB).startsWith("added", "restored 1", "ConnectionRestored", "read");
        assertThat(lifeInA).endsWith("removed").doesNotContain("inactive");
    }

    @Test
    void noHandlerGetsChannelActiveWithAStateOrWithout() throws Exception {
        List<String> before = new CopyOnWriteArrayList<>();
        List<String> behind = new CopyOnWriteArrayList<>();
        MovingServer.Pipeline pipeline = child ->
                child.pipeline().addLast(new Diary(before), new Counter(lifeInB, "counter", 1, 1), new Diary(behind));
        try (MovingServer a = counting(lifeInA, "counter", 1, 1);
                MovingServer b = new MovingServer(MoveOptions.restored(), pipeline);
                Socket client = a.connect()) {
            read(client, 5);
            TrackedConnection moved = b.move(a.capture(a.only()));
            assertThat(moved.channel().pipeline().toMap().values())
                    .filteredOn(handler -> handler instanceof Diary)
                    .hasSize(3);
        }
        assertThat(before).startsWith("added", "ConnectionRestored").doesNotContain("active");
        assertThat(behind).startsWith("added", "ConnectionRestored").doesNotContain("active");
        assertThat(lifeInB).startsWith("added", "restored 1", "ConnectionRestored");
    }

    /** The greeting of a server whose handlers keep no state at all. */
    @Test
    void aGreetingIsNotRepeatedThoughNothingIsRestored() throws Exception {
        MovingServer.Pipeline greeting = child -> child.pipeline().addLast(new Greeter(lifeInB));
        try (MovingServer a = new MovingServer(MoveOptions.restored().oneWay(), greeting);
                MovingServer b = new MovingServer(MoveOptions.restored().oneWay(), greeting);
                Socket client = a.connect()) {
            assertThat(read(client, 5)).isEqualTo("hello");
            b.move(a.capture(a.only()));
            send(client, "x");
            assertThat(read(client, 1)).isEqualTo("x");
        }
        assertThat(lifeInB).containsOnlyOnce("active");
    }

    @Test
    void aHandlerThatReadsExplicitlyReadsWhenItsConnectionIsRestored() throws Exception {
        MovingServer.Pipeline explicitly = child -> {
            child.config().setAutoRead(false);
            child.pipeline().addLast(new ExplicitEcho());
        };
        try (MovingServer a = new MovingServer(MoveOptions.restored().oneWay(), explicitly);
                MovingServer b = new MovingServer(MoveOptions.restored().oneWay(), explicitly);
                Socket client = a.connect()) {
            send(client, "1");
            assertThat(read(client, 1)).isEqualTo("1");
            b.move(a.capture(a.only()));
            for (int i = 2; i < 5; i++) {
                send(client, "" + i);
                assertThat(read(client, 1)).isEqualTo("" + i);
            }
        }
    }

    /** They start their timers as they are added. */
    @Test
    void nettysTimeoutHandlersWorkWithoutChannelActive() throws Exception {
        MovingServer.Pipeline quiet = child -> child.pipeline().addLast(new Diary(lifeInA));
        MovingServer.Pipeline timed = child -> child.pipeline()
                .addLast(
                        new IdleStateHandler(0, 0, 100, TimeUnit.MILLISECONDS),
                        new ReadTimeoutHandler(500, TimeUnit.MILLISECONDS),
                        new Diary(lifeInB));
        try (MovingServer a = new MovingServer(MoveOptions.restored(), quiet);
                MovingServer b = new MovingServer(MoveOptions.restored(), timed);
                Socket client = a.connect()) {
            b.move(a.capture(a.only()));
            assertThat(client.getInputStream().read())
                    .as("closed by the ReadTimeoutHandler")
                    .isEqualTo(-1);
            assertThat(lifeInB).contains("DefaultIdleStateEvent").doesNotContain("active");
        }
    }

    @Test
    void aHandlerKnowsOfItsConnectionBeforeAnythingElseHappensToIt() throws Exception {
        MovingServer.Pipeline flooding = child -> child.pipeline().addLast(new Flood());
        MovingServer.Pipeline listening = child -> child.pipeline().addLast(new WritabilityDiary(lifeInB));
        for (MoveOptions options : List.of(
                MoveOptions.restored().oneWay(), MoveOptions.asAccepted().oneWay())) {
            lifeInB.clear();
            try (MovingServer a = new MovingServer(options, flooding);
                    MovingServer b = new MovingServer(options, listening);
                    Socket client = a.connect()) {
                send(client, "x");
                TrackedConnection connection = a.only();
                Eventually.holds(
                        "it cannot be written to", () -> !connection.channel().isWritable());
                b.move(a.capture(connection));
                client.getInputStream().readNBytes(Flood.BYTES);
                send(client, "x");
                Eventually.holds(
                        "it reads and can be written to",
                        () -> lifeInB.contains("read") && lifeInB.contains("writability"));
            }
            assertThat(lifeInB.get(0)).isEqualTo("added");
            assertThat(lifeInB.get(1)).isIn("active", "ConnectionRestored");
        }
    }

    @Test
    void aNewerHandlerTakesAnOlderState() throws Exception {
        try (MovingServer a = counting(lifeInA, "counter", 1, 1);
                MovingServer b = counting(lifeInB, "counter", 1, 3);
                Socket client = a.connect()) {
            read(client, 5);
            b.move(a.capture(a.only()));
            send(client, "x");
            assertThat(read(client, 2)).isEqualTo("1\n");
        }
    }

    @Test
    void aStateThatIsTooNewIsRejected() throws Exception {
        rejected(counting(lifeInA, "counter", 1, 3), counting(lifeInB, "counter", 1, 2), "has version 3");
    }

    @Test
    void aStateThatNobodyTakesIsRejected() throws Exception {
        rejected(
                counting(lifeInA, "counter", 1, 1),
                counting(lifeInB, "other", 1, 1),
                "no handler takes the state counter");
    }

    @Test
    void aStateThatCannotBeRestoredIsRejected() throws Exception {
        MovingServer.Pipeline broken = child -> child.pipeline().addLast(new Broken(lifeInB));
        rejected(
                counting(lifeInA, "counter", 1, 1),
                new MovingServer(MoveOptions.restored(), broken),
                "restoring the state counter failed");
        assertThat(lifeInB).containsExactly("added", "removed");
    }

    @Test
    void aStateThatReachesAKindThatComesBackAsAcceptedIsRejected() throws Exception {
        MovingServer.Pipeline pipeline = child -> child.pipeline().addLast(new Counter(lifeInB, "counter", 1, 1));
        rejected(
                counting(lifeInA, "counter", 1, 1),
                new MovingServer(MoveOptions.asAccepted(), pipeline),
                "no handler takes the state counter");
    }

    private static void rejected(MovingServer from, MovingServer to, String reason) throws Exception {
        try (MovingServer a = from;
                MovingServer b = to;
                Socket client = a.connect()) {
            read(client, 5);
            Captured captured = a.capture(a.only());
            Arrival arrival = b.adopt(captured.unit());
            assertThat(arrival.isAdopted()).isFalse();
            assertThat(arrival.rejection()).contains(reason);
            assertThat(b.connections().open()).isEmpty();
            captured.resume(arrival.rejection());
            send(client, "x");
            assertThat(read(client, 2)).isEqualTo("1\n");
        }
    }

    @Test
    void aKindOfAnotherVersionIsRejected() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(MoveOptions.asAccepted().version(2, 3), Pipelines::raw);
                Socket client = a.connect()) {
            Captured captured = a.capture(a.only());
            assertThat(b.adopt(captured.unit(), 1).rejection())
                    .isEqualTo("test has version 1, versions 2 to 3 can be taken");
            assertThat(b.adopt(captured.unit(), 4).isAdopted()).isFalse();
            Arrival arrival = b.adopt(captured.unit(), 2);
            assertThat(arrival.isAdopted()).isTrue();
            arrival.start();
            captured.release();
            send(client, "x");
            assertThat(read(client, 1)).isEqualTo("x");
        }
    }

    @Test
    void whatAHandlerWritesAsItIsRestoredIsSentWhenTheConnectionStarts() throws Exception {
        MovingServer.Pipeline talking = child -> child.pipeline().addLast(new Talking(lifeInB));
        try (MovingServer a = counting(lifeInA, "counter", 1, 1);
                MovingServer b = new MovingServer(MoveOptions.restored(), talking);
                Socket client = a.connect()) {
            read(client, 5);
            Captured captured = a.capture(a.only());
            Arrival arrival = b.adopt(captured.unit());
            assertThat(client.getInputStream().available()).isZero();
            arrival.start();
            captured.release();
            assertThat(read(client, 8)).isEqualTo("restored");
        }
    }

    private static MovingServer counting(List<String> diary, String name, int oldest, int version) throws Exception {
        return new MovingServer(
                MoveOptions.restored(), child -> child.pipeline().addLast(new Counter(diary, name, oldest, version)));
    }

    /** Greets, and answers every read with the number of reads. */
    private static class Counter extends Diary implements MovableHandler {
        private final String name;
        private final int oldest;
        private final int version;
        private int count;

        Counter(List<String> diary, String name, int oldest, int version) {
            super(diary);
            this.name = name;
            this.oldest = oldest;
            this.version = version;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            super.channelActive(ctx);
            ctx.writeAndFlush(Unpooled.copiedBuffer("hello", UTF_8));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ((ByteBuf) msg).release();
            write("read");
            ctx.writeAndFlush(Unpooled.copiedBuffer(++count + "\n", UTF_8));
        }

        @Override
        public String stateName() {
            return name;
        }

        @Override
        public int stateVersion() {
            return version;
        }

        @Override
        public int oldestStateVersion() {
            return oldest;
        }

        @Override
        public void saveState(ChannelHandlerContext ctx, ByteBuf out) {
            out.writeInt(count);
        }

        @Override
        public void restoreState(ChannelHandlerContext ctx, int from, ByteBuf in) {
            count = in.readInt();
            write("restored " + from);
        }
    }

    private static final class Broken extends Counter {
        Broken(List<String> diary) {
            super(diary, "counter", 1, 1);
        }

        @Override
        public void restoreState(ChannelHandlerContext ctx, int from, ByteBuf in) {
            throw new IllegalStateException("test");
        }
    }

    private static final class Talking extends Counter {
        Talking(List<String> diary) {
            super(diary, "counter", 1, 1);
        }

        @Override
        public void restoreState(ChannelHandlerContext ctx, int from, ByteBuf in) {
            ctx.writeAndFlush(Unpooled.copiedBuffer("restored", UTF_8));
        }
    }

    private static final class Greeter extends Diary {
        Greeter(List<String> diary) {
            super(diary);
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            super.channelActive(ctx);
            ctx.writeAndFlush(Unpooled.copiedBuffer("hello", UTF_8));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ctx.writeAndFlush(msg);
        }
    }

    private static final class ExplicitEcho extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.read();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ConnectionRestored.INSTANCE) {
                ctx.read();
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ctx.writeAndFlush(msg).addListener(written -> ctx.read());
        }
    }

    /** Answers with more than the socket takes. */
    private static final class Flood extends ChannelInboundHandlerAdapter {
        static final int BYTES = 8 << 20;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ((ByteBuf) msg).release();
            ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[BYTES]));
        }
    }

    private static final class WritabilityDiary extends Diary {
        WritabilityDiary(List<String> diary) {
            super(diary);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            write("writability");
            ctx.fireChannelWritabilityChanged();
        }
    }
}
