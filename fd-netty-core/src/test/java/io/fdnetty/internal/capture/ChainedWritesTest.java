package io.fdnetty.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.DataInputStream;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Handlers that write the next piece when one is written: a try to move them makes them write, which has a bound. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class ChainedWritesTest {
    private static final int PIECE = 64 << 10;
    private static final int PIECES = 400;
    private static final int TRIES = 8;
    private static final int BOUND = 3 << 20;

    @Test
    void triesToMoveASlowReaderDoNotFillTheMemoryAndLoseNothing() throws Exception {
        Chain chain = new Chain();
        try (MovingServer a = new MovingServer(child -> child.pipeline().addLast(chain));
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect(8 << 10)) {
            TrackedConnection connection = a.only();
            connection.channel().eventLoop().submit(chain::begin).sync();
            Eventually.holds("the socket is full", () -> isStuck(connection));
            int before = chain.written.get();

            MovingServer.Outcomes outcomes = a.outcomes(connection);
            for (int i = 0; i < TRIES; i++) {
                MovingServer.Outcome outcome = outcomes.take();
                assertThat(outcome.what()).isEqualTo("notNow");
                assertThat(outcome.reason()).contains("it writes on and on as its writes complete");
            }
            assertThat((chain.written.get() - before) * PIECE)
                    .as("bytes that the tries added")
                    .isLessThan(BOUND);

            DataInputStream in = new DataInputStream(client.getInputStream());
            for (int piece = 0; piece < PIECES; piece++) {
                assertThat(in.readInt()).isEqualTo(piece);
                in.skipNBytes(PIECE - Integer.BYTES);
            }
            MovingServer.Outcome last = outcomes.take();
            while (last.what().equals("notNow")) {
                last = outcomes.take();
            }
            b.move(last.captured());
            Clients.send(client, "moved");
            assertThat(Clients.read(client, 5)).isEqualTo("moved");
        }
    }

    private static boolean isStuck(TrackedConnection connection) {
        return connection
                .channel()
                .eventLoop()
                .submit(() -> connection.channel().unsafe().outboundBuffer().size() > 0)
                .syncUninterruptibly()
                .getNow();
    }

    /** Writes numbered pieces, one when the one before is written. */
    private static final class Chain extends ChannelInboundHandlerAdapter {
        final AtomicInteger written = new AtomicInteger();
        private volatile ChannelHandlerContext ctx;

        @Override
        public void handlerAdded(ChannelHandlerContext added) {
            ctx = added;
        }

        void begin() {
            int piece = written.getAndIncrement();
            if (piece < PIECES) {
                ByteBuf bytes = ctx.alloc().buffer(PIECE).writeInt(piece).writeZero(PIECE - Integer.BYTES);
                ctx.writeAndFlush(bytes).addListener(done -> begin());
            }
        }
    }
}
