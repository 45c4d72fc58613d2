package io.fdnetty.testsuite.chaos.server;

import io.fdnetty.examples.server.EventLine;
import io.fdnetty.move.ConnectionRestored;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between the socket and the application: holds the account of a connection's bytes against the kernel's
 * counters whenever the connection stands still, and tells who owns it. Event loop only.
 *
 * <p>It looks twice at each move: when the connection is stopped, before anything is taken out of it, and when it has
 * arrived, or come back, before anything is read. If too much waits unread to be told it looks again after each read:
 * whoever reads, the sums remain.
 */
final class ByteCountCheck extends ChannelDuplexHandler implements MovableHandler {
    private static final AttributeKey<ByteCountCheck> CURRENT = AttributeKey.valueOf(ByteCountCheck.class, "current");
    private static final long PID = ProcessHandle.current().pid();
    private static final AtomicLong accepted = new AtomicLong();

    private enum Stage {
        /** It does not run here, or not yet. */
        ARRIVING,
        RUNNING,
        /** Its state has been saved; it may go on here. */
        SAVED,
        /** Its handlers are gone. */
        CAPTURED,
        ENDED
    }

    private final ByteAccount account;
    private final PlantedBug plant;
    private Stage stage = Stage.ARRIVING;
    private String id = "";
    private int port;
    private boolean unchecked;

    ByteCountCheck(ByteAccount account, PlantedBug plant) {
        this.account = account;
        this.plant = plant;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        Channel channel = ctx.channel();
        channel.attr(CURRENT).set(this);
        channel.closeFuture().addListener(closed -> closed(channel));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        id = PID + "-" + accepted.incrementAndGet();
        run(ctx, "accepted");
        ctx.fireChannelActive();
    }

    private void run(ChannelHandlerContext ctx, String event) {
        stage = Stage.RUNNING;
        if (ctx.channel().remoteAddress() instanceof InetSocketAddress remote) {
            port = remote.getPort();
        }
        tell(event);
    }

    private void tell(String event) {
        event(event).print(System.out);
    }

    private EventLine event(String name) {
        return EventLine.of(name).with("pid", PID).with("id", id).with("port", port);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
        account.pass(((ByteBuf) bytes).readableBytes());
        ctx.fireChannelRead(bytes);
    }

    /**
     * The first one after an arrival comes when all that moved has been given out, and nothing has been read; but it
     * may come in the middle of a write, when the channel becomes writable again: what is in the socket then still
     * counts as pending. So the look, and the read, wait for the end of it.
     */
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (unchecked) {
            ctx.executor().execute(() -> checkThenRead(ctx));
        } else {
            ctx.read();
        }
    }

    private void checkThenRead(ChannelHandlerContext ctx) {
        if (ctx.isRemoved() || stage != Stage.RUNNING) {
            return; // it has been stopped for the next move, which looks again
        }
        if (unchecked) {
            unchecked = !check(ctx.channel(), "arrived");
        }
        ctx.read();
    }

    @Override
    public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
        if (!ctx.channel().isRegistered()) {
            check(ctx.channel(), "stopped");
        }
        return MoveDecision.yes();
    }

    /** Returns whether there is nothing left to be asked. */
    private boolean check(Channel channel, String moment) {
        ChannelOutboundBuffer output = channel.unsafe().outboundBuffer();
        Optional<KernelCount> counted = KernelCount.of(channel);
        if (output == null || counted.isEmpty() || !channel.isOpen()) {
            return true; // it has ended
        }
        KernelCount count = counted.get();
        long written = account.produced() - Flushed.bytes(output);
        event(verdict(count, written))
                .with("moment", moment)
                .with("kernel-read", count.read().orElse(-1))
                .with("read", account.passed())
                .with("kernel-written", count.written())
                .with("written", written)
                .print(System.out);
        return count.read().isPresent();
    }

    private String verdict(KernelCount count, long written) {
        if (!count.agrees(account.passed(), written)) {
            return "disagreement";
        }
        return count.read().isPresent() ? "witnessed" : "unwitnessed";
    }

    @Override
    public int stateVersion() {
        return 1;
    }

    @Override
    public void saveState(ChannelHandlerContext ctx, ByteBuf out) {
        Strikes.at("save");
        if (plant.strikes(PlantedBug.ACCOUNT)) {
            account.produce(1);
        }
        account.save(out);
        ByteBufUtil.writeUtf8(out, id);
        stage = Stage.SAVED;
    }

    @Override
    public void restoreState(ChannelHandlerContext ctx, int version, ByteBuf in) {
        Strikes.at("restore");
        account.restore(in);
        id = in.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ConnectionRestored.INSTANCE) {
            run(ctx, "arrived");
            unchecked = true;
            Strikes.at("start");
            plant.leak();
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stage = Stage.ENDED;
        tell("ended");
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (stage == Stage.SAVED) {
            stage = Stage.CAPTURED;
        }
    }

    @Override
    public void farewell(ChannelHandlerContext ctx) {
        tell("farewell");
        ctx.close();
    }

    /** A captured connection is closed, unseen by its handlers, when it is another process's. */
    private void closed(Channel channel) {
        if (channel.attr(CURRENT).get() == this && stage == Stage.CAPTURED) {
            tell("left");
            Strikes.at("left");
        }
    }
}
