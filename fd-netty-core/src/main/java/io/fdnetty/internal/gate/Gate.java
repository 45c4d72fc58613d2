package io.fdnetty.internal.gate;

import static java.util.Objects.requireNonNull;

import io.fdnetty.move.ConnectionMovedException;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the socket and the pipeline of a connection that is on the move; a connection that is not has none.
 *
 * <p>Always the first handler. Event loop only. Starts {@linkplain Mode#HOLD holding}.
 */
public final class Gate extends ChannelDuplexHandler implements OwnHandler {
    /** What it does with what passes by. */
    public enum Mode {
        /** Keeps everything, in both directions, in order. */
        HOLD,
        /** Another process owns the connection: writes fail, a close waits, nothing comes in. */
        REFUSE,
        /** The connection only has bytes to write before it ends: writes fail, reads are dropped. */
        LAST_WORDS,
        /**
         * The connection is active, and others that move with it are not yet: it may write, and what comes in waits.
         */
        ACTIVE,
        /** Lets everything through. */
        OPEN
    }

    /** Who moves the connection. */
    public interface Owner {
        /** The gate is in the pipeline of a registered channel, before any handler behind it. */
        default void added(ChannelHandlerContext ctx) {}

        /** The channel is registered; the owner passes the event on, or not. */
        void registered(ChannelHandlerContext ctx);

        /** The channel was closed while the gate held. The handlers behind it are about to be removed. */
        void closedWhileHeld(ChannelHandlerContext ctx);

        /** A write was refused because the connection is another process's. */
        default void refusedWrite() {}
    }

    private final Owner owner;
    private final HeldOutbound outbound = new HeldOutbound();
    private final HeldInbound inbound = new HeldInbound();
    private Mode mode = Mode.HOLD;
    private boolean readRequested;
    private boolean passesEvents;
    private boolean hasRead;
    private boolean tellsEnd;
    private @Nullable ChannelHandlerContext context;

    public Gate(Owner owner) {
        this.owner = owner;
    }

    public Owner owner() {
        return owner;
    }

    public HeldOutbound outbound() {
        return outbound;
    }

    public HeldInbound inbound() {
        return inbound;
    }

    public ChannelHandlerContext context() {
        return requireNonNull(context, "not in a pipeline");
    }

    public void mode(Mode next) {
        mode = next;
    }

    /**
     * After the last words the handlers hear that the connection has ended, and not before that their writes failed.
     */
    public void tellEnd() {
        tellsEnd = true;
    }

    /** Whether a read reached the socket since the gate opened. */
    public boolean hasRead() {
        return hasRead;
    }

    /**
     * Whether user events pass while the gate holds, but for those of the socket: until a connection is captured its
     * handlers may act on what other threads tell them, and what they write is held.
     */
    public void passEvents(boolean pass) {
        passesEvents = pass;
    }

    /** A read was asked for before the gate was shut, and is still outstanding. */
    public void readIsOutstanding() {
        readRequested = true;
    }

    /** From now on writes fail, those that wait as well, and a close is answered when the channel is closed. */
    public void refuse(Throwable cause) {
        mode = Mode.REFUSE;
        outbound.fail(cause);
        outbound.closeWithChannel(context().channel());
        inbound.discard();
    }

    /**
     * Lets everything through, that which is held first, and goes away.
     *
     * @param unread lets the handlers have the bytes that came before those that are held here
     */
    public void open(Runnable unread) {
        ChannelHandlerContext ctx = context();
        outbound.release(ctx);
        mode = Mode.OPEN;
        unread.run();
        inbound.release(ctx);
        leave();
    }

    /** The last step of opening: resumes reading as the channel is configured, and removes the gate. */
    public void leave() {
        ChannelHandlerContext ctx = context();
        if (ctx.channel().config().isAutoRead()) {
            ctx.channel().read();
        } else if (readRequested) {
            ctx.read();
            hasRead = true;
        }
        if (!ctx.isRemoved()) {
            ctx.pipeline().remove(this);
        }
        Writability.set(ctx.channel(), true);
    }

    /** The channel was closed while the gate held: the handlers hear what is left to hear. */
    public void closed() {
        ChannelHandlerContext ctx = context();
        outbound.fail(new ConnectionMovedException("the connection ended while it was stopped to be moved"));
        outbound.closeWithChannel(ctx.channel());
        mode = Mode.OPEN;
        inbound.release(ctx);
        ctx.fireChannelInactive();
        ctx.fireChannelUnregistered();
    }

    /** It belongs to one pipeline, where it may be added again: to be the first. */
    @Override
    public boolean isSharable() {
        return true;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        owner.added(ctx);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
        switch (mode) {
            case HOLD -> outbound.write(msg, promise);
            case ACTIVE, OPEN -> ctx.write(msg, promise);
            case REFUSE, LAST_WORDS -> {
                ReferenceCountUtil.release(msg);
                owner.refusedWrite();
                fail(ctx, promise);
            }
        }
    }

    /** A failed write may make its writer close the channel, which has yet to speak its last words. */
    private void fail(ChannelHandlerContext ctx, ChannelPromise promise) {
        ConnectionMovedException cause = new ConnectionMovedException("the connection has left this channel");
        if (tellsEnd) {
            ctx.channel().closeFuture().addListener(closed -> promise.tryFailure(cause));
        } else {
            promise.tryFailure(cause);
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        switch (mode) {
            case HOLD -> outbound.flush();
            case ACTIVE, OPEN -> ctx.flush();
            case REFUSE, LAST_WORDS -> {}
        }
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        switch (mode) {
            case HOLD, ACTIVE, REFUSE ->
                readRequested |= !ctx.channel().config().isAutoRead();
            case OPEN, LAST_WORDS -> {
                hasRead = true;
                ctx.read();
            }
        }
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        switch (mode) {
            case HOLD -> outbound.close(promise);
            case REFUSE -> ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
            case ACTIVE, OPEN, LAST_WORDS -> ctx.close(promise);
        }
    }

    @Override
    public void disconnect(ChannelHandlerContext ctx, ChannelPromise promise) {
        close(ctx, promise);
    }

    @Override
    public void channelRegistered(ChannelHandlerContext ctx) {
        owner.registered(ctx);
    }

    @Override
    public void channelUnregistered(ChannelHandlerContext ctx) {
        if (mode == Mode.HOLD && !ctx.channel().isOpen()) {
            owner.closedWhileHeld(ctx);
        } else if (mode == Mode.OPEN || mode == Mode.ACTIVE) {
            ctx.fireChannelUnregistered();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (mode == Mode.OPEN) {
            ctx.fireChannelActive();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        switch (mode) {
            case HOLD -> inbound.inactive();
            case ACTIVE -> {
                inbound.release(ctx);
                ctx.fireChannelInactive();
            }
            case OPEN -> ctx.fireChannelInactive();
            case LAST_WORDS -> {
                if (tellsEnd) {
                    ctx.fireChannelInactive();
                }
            }
            case REFUSE -> {}
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        switch (mode) {
            case HOLD, ACTIVE -> inbound.read(msg);
            case OPEN -> ctx.fireChannelRead(msg);
            case REFUSE, LAST_WORDS -> ReferenceCountUtil.release(msg);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        switch (mode) {
            case HOLD, ACTIVE -> inbound.readComplete();
            case OPEN -> ctx.fireChannelReadComplete();
            case LAST_WORDS -> ctx.read();
            case REFUSE -> {}
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
        switch (mode) {
            case HOLD, ACTIVE -> holdEvent(ctx, evt);
            case OPEN -> ctx.fireUserEventTriggered(evt);
            case REFUSE, LAST_WORDS -> ReferenceCountUtil.release(evt);
        }
    }

    private void holdEvent(ChannelHandlerContext ctx, Object evt) {
        if (passesEvents && !HeldInbound.isOfSocket(evt)) {
            ctx.fireUserEventTriggered(evt);
        } else {
            inbound.userEvent(evt);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (mode == Mode.OPEN || mode == Mode.ACTIVE) {
            ctx.fireChannelWritabilityChanged();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        switch (mode) {
            case HOLD -> inbound.caught(cause);
            case ACTIVE, OPEN -> ctx.fireExceptionCaught(cause);
            case REFUSE, LAST_WORDS -> {}
        }
    }
}
