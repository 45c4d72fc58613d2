package io.fdnetty.internal.capture;

import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.Eventually;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Moves connections in the middle of what their clients send, one for each byte, and compares what the handlers made of
 * it.
 */
@SuppressWarnings({"NonApiType", "NonAtomicVolatileUpdate", "JdkObsolete"}) // each is used by one loop at a time
final class Splits implements AutoCloseable {
    private final StringBuffer seen = new StringBuffer();
    private final Notes notes;
    private final MovingServer from;
    private final MovingServer to;
    private final TreeSet<Integer> moved = new TreeSet<>();
    private final Map<Integer, String> reasons = new TreeMap<>();
    private boolean endsOutput;

    /**
     * @param handlers all handlers of a connection but the last one
     * @param words what a message is in the test's eyes, whole or in chunks
     */
    Splits(MoveOptions options, Supplier<List<ChannelHandler>> handlers, Function<Object, String> words)
            throws Exception {
        notes = new Notes(seen, words);
        MovingServer.Pipeline pipeline = child -> build(child, handlers.get());
        from = new MovingServer(options, pipeline);
        to = new MovingServer(options, pipeline);
    }

    private void build(Channel child, List<ChannelHandler> handlers) {
        child.pipeline().addLast(handlers.toArray(new ChannelHandler[0])).addLast(notes);
    }

    /** The client ends its output in the end, since the decoder waits for that. */
    void endOutput() {
        endsOutput = true;
    }

    /** What the handlers make of it when nothing moves. */
    String withoutAMove(byte[] input) throws Exception {
        seen.setLength(0);
        try (Socket client = from.connect()) {
            from.only();
            sendAndWait(client, input);
            return end(client, from);
        }
    }

    /** The same in two reads, for decoders that do not decode the same then, moved or not. */
    String withoutAMove(int split, byte[] input) throws Exception {
        seen.setLength(0);
        try (Socket client = from.connect()) {
            from.only();
            sendAndWait(client, Arrays.copyOf(input, split));
            sendAndWait(client, Arrays.copyOfRange(input, split, input.length));
            return end(client, from);
        }
    }

    /** Moves, or tries to, after that many bytes; returns what the handlers made of all. */
    String at(int split, byte[] input) throws Exception {
        seen.setLength(0);
        try (Socket client = from.connect()) {
            TrackedConnection connection = from.only();
            sendAndWait(client, Arrays.copyOf(input, split));
            MovingServer server = tryToMove(connection, split) ? to : from;
            sendAndWait(client, Arrays.copyOfRange(input, split, input.length));
            return end(client, server);
        }
    }

    private boolean tryToMove(TrackedConnection connection, int split) throws Exception {
        MovingServer.Outcome outcome = from.outcomes(connection).take();
        if (outcome.captured() == null) {
            reasons.put(split, outcome.reason());
            connection.forgetCapture();
            return false;
        }
        moved.add(split);
        to.move(outcome.captured());
        Eventually.holds("it has left", from.connections().open()::isEmpty);
        return true;
    }

    private void sendAndWait(Socket client, byte[] bytes) throws IOException {
        if (bytes.length > 0) {
            int before = notes.received;
            Clients.send(client, bytes);
            Eventually.holds("it is read", () -> notes.received > before);
        }
    }

    private String end(Socket client, MovingServer server) throws Exception {
        if (endsOutput) {
            int before = notes.received;
            client.shutdownOutput();
            Eventually.holds("the end is read", () -> notes.received > before);
        }
        Channel channel = server.only().channel();
        channel.close().sync();
        Eventually.holds("forgotten", server.connections().open()::isEmpty);
        return seen.toString();
    }

    /** After how many bytes the connection could move. */
    TreeSet<Integer> moved() {
        return moved;
    }

    /** Why not, after how many bytes. */
    Map<Integer, String> reasons() {
        return reasons;
    }

    @Override
    public void close() {
        from.close();
        to.close();
    }

    /** A message as text, its bytes as ISO 8859-1. */
    static String text(Object message) {
        ByteBuf bytes =
                message instanceof ByteBufHolder holder ? holder.content() : message instanceof ByteBuf b ? b : null;
        return bytes == null
                ? message.toString().replaceAll("@[0-9a-f]+", "")
                : bytes.toString(StandardCharsets.ISO_8859_1);
    }

    /** Stands last, writes down what comes, and answers nothing. */
    @Sharable
    private static final class Notes extends ChannelInboundHandlerAdapter implements MovableHandler {
        private final StringBuffer seen;
        private final Function<Object, String> words;
        private volatile int received;

        Notes(StringBuffer seen, Function<Object, String> words) {
            this.seen = seen;
            this.words = words;
        }

        @Override
        public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
            return MoveDecision.yes(); // whatever it has got is done
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            try {
                seen.append(words.apply(message));
            } finally {
                ReferenceCountUtil.release(message);
            }
        }

        @Override
        @SuppressWarnings("NonAtomicOperationOnVolatileField") // one connection at a time
        public void channelReadComplete(ChannelHandlerContext ctx) {
            received++;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            seen.append(cause);
        }
    }
}
