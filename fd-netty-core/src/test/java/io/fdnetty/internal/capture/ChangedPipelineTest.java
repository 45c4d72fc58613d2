package io.fdnetty.internal.capture;

import static io.fdnetty.internal.capture.Clients.read;
import static io.fdnetty.internal.capture.Clients.send;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.arrival.Arrival;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.fdnetty.move.MoveExplanation;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.util.AttributeKey;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pipelines that changed since the initializer built them, and what else a channel carries. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class ChangedPipelineTest {
    private static final AttributeKey<String> SOURCE = AttributeKey.valueOf(ChangedPipelineTest.class, "source");
    private static final AttributeKey<String> USER = AttributeKey.valueOf(ChangedPipelineTest.class, "user");

    private static final MoveOptions CARRIES_SOURCE = MoveOptions.asAccepted()
            .attribute(SOURCE, (source, out) -> out.writeCharSequence(source, UTF_8), in -> in.toString(UTF_8));

    /** A PROXY header, then lines, which are answered with the address in the header. */
    private static void proxied(Channel child) {
        child.pipeline().addLast(new HAProxyMessageDecoder(), new SourceHandler(), new Answering());
    }

    private static final class SourceHandler extends SimpleChannelInboundHandler<HAProxyMessage> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, HAProxyMessage header) {
            ctx.channel().attr(SOURCE).set(header.sourceAddress());
        }
    }

    private static final class Answering extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ((ByteBuf) msg).release();
            ctx.writeAndFlush(Unpooled.copiedBuffer(ctx.channel().attr(SOURCE).get() + '\n', US_ASCII));
        }
    }

    private static final String HEADER = "PROXY TCP4 10.1.2.3 10.9.9.9 1111 2222\r\n";

    @Test
    void aDecoderThatIsGoneKeepsTheConnection() throws Exception {
        try (MovingServer a = new MovingServer(MoveOptions.asAccepted(), ChangedPipelineTest::proxied);
                Socket client = a.connect()) {
            send(client, HEADER + "x");
            assertThat(read(client, 9)).isEqualTo("10.1.2.3\n");
            MovingServer.Outcome outcome = a.tryCapture(a.only());
            assertThat(outcome.what()).isEqualTo("notNow");
            assertThat(outcome.reason())
                    .startsWith("HAProxyMessageDecoder, which the initializer added, is gone")
                    .contains("declare MoveOptions.rebuilt(");
            send(client, "y");
            assertThat(read(client, 9)).isEqualTo("10.1.2.3\n");
        }
    }

    @Test
    void oneThatHasNotSeenItsHeaderMovesAndReadsItThere() throws Exception {
        try (MovingServer a = new MovingServer(MoveOptions.asAccepted(), ChangedPipelineTest::proxied);
                MovingServer b = new MovingServer(MoveOptions.asAccepted(), ChangedPipelineTest::proxied);
                Socket client = a.connect()) {
            b.move(a.capture(a.only()));
            send(client, HEADER + "x");
            assertThat(read(client, 9)).isEqualTo("10.1.2.3\n");
        }
    }

    @Test
    void anAttributeAndALineOfTheAuthorsTakeTheirPlace() throws Exception {
        MoveOptions options = CARRIES_SOURCE.rebuilt(channel -> {
            if (channel.hasAttr(SOURCE)) {
                channel.pipeline().remove(HAProxyMessageDecoder.class);
            }
        });
        try (MovingServer a = new MovingServer(options, ChangedPipelineTest::proxied);
                MovingServer b = new MovingServer(options, ChangedPipelineTest::proxied);
                MovingServer c = new MovingServer(options, ChangedPipelineTest::proxied);
                Socket client = a.connect()) {
            send(client, HEADER + "x");
            assertThat(read(client, 9)).isEqualTo("10.1.2.3\n");
            b.move(a.capture(a.only()));
            send(client, "y");
            assertThat(read(client, 9)).isEqualTo("10.1.2.3\n");
            c.move(b.capture(b.only()));
            send(client, "z");
            assertThat(read(client, 9)).isEqualTo("10.1.2.3\n");
        }
    }

    @Test
    void aLoginThatReplacesItselfIsRepeatedByTheAuthor() throws Exception {
        try (MovingServer a = new MovingServer(ChangedPipelineTest::login);
                Socket client = a.connect()) {
            send(client, "anna\n");
            assertThat(read(client, 6)).isEqualTo("hello\n");
            assertThat(a.tryCapture(a.only()).reason())
                    .startsWith("ChangedPipelineTest.Login, which the initializer added, is gone, and Echo came");
        }
        MoveOptions options = MoveOptions.asAccepted()
                .attribute(USER, (user, out) -> out.writeCharSequence(user, UTF_8), in -> in.toString(UTF_8))
                .rebuilt(channel -> {
                    if (channel.hasAttr(USER)) {
                        channel.pipeline().replace(Login.class, null, new Echo());
                    }
                });
        try (MovingServer a = new MovingServer(options, ChangedPipelineTest::login);
                MovingServer b = new MovingServer(options, ChangedPipelineTest::login);
                Socket client = a.connect();
                Socket stranger = a.connect()) {
            send(client, "anna\n");
            assertThat(read(client, 6)).isEqualTo("hello\n");
            Eventually.holds("both are there", () -> a.connections().open().size() == 2);
            for (TrackedConnection connection : List.copyOf(a.connections().open())) {
                Captured captured = a.capture(connection);
                b.adopt(captured.unit()).start();
                captured.release();
            }
            send(client, "one\n");
            assertThat(read(client, 4)).isEqualTo("one\n");
            send(stranger, "eve\n");
            assertThat(read(stranger, 6)).isEqualTo("hello\n");
        }
    }

    private static void login(Channel child) {
        child.pipeline().addLast(new LineBasedFrameDecoder(100, false, true), new Login());
    }

    private static final class Login extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf name) {
            ctx.channel().attr(USER).set(name.toString(UTF_8).trim());
            ctx.writeAndFlush(Unpooled.copiedBuffer("hello\n", UTF_8));
            ctx.pipeline().replace(this, null, new Echo());
        }
    }

    @Test
    void whatFailsAsAPipelineIsRebuiltIsRejected() throws Exception {
        MoveOptions options = MoveOptions.asAccepted().rebuilt(channel -> {
            throw new IllegalStateException("test");
        });
        try (MovingServer a = new MovingServer(options, Pipelines::raw);
                MovingServer b = new MovingServer(options, Pipelines::raw);
                Socket client = a.connect()) {
            Captured captured = a.capture(a.only());
            Arrival arrival = b.adopt(captured.unit());
            assertThat(arrival.rejection()).contains("MoveOptions.rebuilt failed", "test");
            captured.resume(arrival.rejection());
            send(client, "still here");
            assertThat(read(client, 10)).isEqualTo("still here");
        }
    }

    @Test
    void aStateThatLastsAMomentIsWaitedFor() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            send(client, "x");
            assertThat(read(client, 1)).isEqualTo("x");
            TrackedConnection connection = a.only();
            ChannelInboundHandlerAdapter guest = new ChannelInboundHandlerAdapter();
            connection.channel().pipeline().addLast("guest", guest);
            MovingServer.Outcomes outcomes = a.outcomes(connection);
            assertThat(outcomes.take().reason()).contains("which the initializer did not add");
            connection.channel().pipeline().remove("guest");
            MovingServer.Outcome outcome = outcomes.take();
            while (outcome.what().equals("notNow")) {
                outcome = outcomes.take();
            }
            b.move(outcome.captured());
            send(client, "moved");
            assertThat(read(client, 5)).isEqualTo("moved");
        }
    }

    @Test
    void whatHandlersChangeAtTheStartIsChangedAgainInTheNewProcess() throws Exception {
        MovingServer.Pipeline pipeline = child -> child.pipeline().addLast(new Starting());
        try (MovingServer a = new MovingServer(pipeline);
                MovingServer b = new MovingServer(pipeline);
                MovingServer c = new MovingServer(pipeline);
                Socket client = a.connect()) {
            send(client, "x");
            assertThat(read(client, 1)).isEqualTo("x");
            c.move(b.capture(b.move(a.capture(a.only()))));
            send(client, "y");
            assertThat(read(client, 1)).isEqualTo("y");
        }
    }

    /** Makes room for others when the connection is there. */
    private static final class Starting extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.pipeline().addLast(new Echo());
            ctx.fireChannelActive();
            ctx.pipeline().remove(this);
        }
    }

    @Test
    void theVersionOfMqttMovesUndeclared() throws Exception {
        AttributeKey<MqttVersion> version = AttributeKey.valueOf("NETTY_CODEC_MQTT_VERSION");
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            a.only().channel().attr(version).set(MqttVersion.MQTT_5);
            TrackedConnection moved = b.move(a.capture(a.only()));
            assertThat(moved.channel().attr(version).get()).isEqualTo(MqttVersion.MQTT_5);
            send(client, "x");
            assertThat(read(client, 1)).isEqualTo("x");
        }
    }

    @Test
    void anAttributeThatIsNotDeclaredThereIsNotLost() throws Exception {
        try (MovingServer a = new MovingServer(CARRIES_SOURCE, Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            a.only().channel().attr(SOURCE).set("10.1.2.3");
            Captured captured = a.capture(a.only());
            Arrival arrival = b.adopt(captured.unit());
            assertThat(arrival.rejection()).contains("ChangedPipelineTest#source", "MoveOptions.attribute");
            captured.resume(arrival.rejection());
            send(client, "x");
            assertThat(read(client, 1)).isEqualTo("x");
        }
    }

    @Test
    void allReasonsAreExplainedAtOnce() throws Exception {
        try (MovingServer a = new MovingServer(CARRIES_SOURCE, ChangedPipelineTest::proxied);
                Socket client = a.connect()) {
            send(client, HEADER + "x");
            assertThat(read(client, 9)).isEqualTo("10.1.2.3\n");
            Channel channel = a.only().channel();
            channel.attr(USER).set("anna");
            channel.pipeline().addLast(new Staying());

            MoveExplanation explanation = Explainer.of(channel);
            assertThat(explanation.kind()).isEqualTo("test");
            assertThat(explanation.movesNow()).isFalse();
            assertThat(explanation.never()).containsExactly("it stays");
            assertThat(explanation.notNow())
                    .singleElement()
                    .asString()
                    .contains("HAProxyMessageDecoder, which the initializer added, is gone, and", "Staying came");
            assertThat(explanation.along()).containsExactly("the attribute " + SOURCE.name());
            assertThat(explanation.behind()).containsExactly("the attribute " + USER.name());
            assertThat(explanation.toString()).contains("does not move", "it stays", USER.name());
            channel.close();
        }
    }

    private static final class Staying extends ChannelInboundHandlerAdapter implements MovableHandler {
        @Override
        public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
            return MoveDecision.never("it stays");
        }
    }

    @Test
    void aConnectionThatCanMoveIsExplainedAndLeftAlone() throws Exception {
        try (MovingServer a = new MovingServer(MoveOptions.asAccepted(), Pipelines::lines);
                Socket client = a.connect()) {
            send(client, "x\n");
            assertThat(read(client, 2)).isEqualTo("x\n");
            MoveExplanation explanation = Explainer.of(a.only().channel());
            assertThat(explanation.movesNow()).as("%s", explanation).isTrue();
            send(client, "y\n");
            assertThat(read(client, 2)).isEqualTo("y\n");
        }
    }
}
