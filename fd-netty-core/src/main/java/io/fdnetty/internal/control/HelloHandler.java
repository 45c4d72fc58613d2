package io.fdnetty.internal.control;

import io.fdnetty.channel.AncillarySocketChannel;
import io.fdnetty.channel.PeerCredentials;
import io.fdnetty.internal.protocol.Message;
import io.fdnetty.internal.protocol.RefusalCode;
import io.fdnetty.internal.sys.OneLine;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Receives one control connection: lets in only a process of an allowed user that says HELLO in time and finds the
 * server ready and no other upgrade under way. Everybody else gets the reason, one line in the log, and the end of the
 * connection.
 *
 * <p>Lives on the control loop, behind the codec.
 */
public final class HelloHandler extends ChannelInboundHandlerAdapter {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(HelloHandler.class);

    /** What stands behind the reception; on the control loop. */
    public interface House {
        /** Why that user may not take over; null if it may. */
        @Nullable
        String objection(int uid);

        /** Takes a place among the few that may be silent for a while; false if all are taken. */
        boolean takePlace();

        void leavePlace();

        /**
         * Lets the successor in: replaces the reception in the pipeline and goes on from its HELLO; or returns why it
         * cannot.
         */
        @Nullable
        Refusal enter(ChannelHandlerContext ctx, Message.Hello hello);

        /** Logs, at most once a second, that a connection was refused: too many pending handshakes. */
        void turnedAway();
    }

    public record Refusal(RefusalCode code, String reason) {}

    private final House house;
    private final long helloMillis;
    private @Nullable ScheduledFuture<?> deadline;
    private String peer = "unknown peer";
    private boolean placed;

    public HelloHandler(House house, long helloMillis) {
        this.house = house;
        this.helloMillis = helloMillis;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        placed = house.takePlace();
        if (!placed) {
            house.turnedAway();
            end(ctx, RefusalCode.BUSY, "too many connections wait to say HELLO");
        } else if (admitted(ctx)) {
            deadline = ctx.executor()
                    .schedule(
                            () -> refuse(ctx, RefusalCode.BUSY, "no HELLO within " + helloMillis + " ms"),
                            helloMillis,
                            TimeUnit.MILLISECONDS);
        }
        ctx.fireChannelActive();
    }

    private boolean admitted(ChannelHandlerContext ctx) {
        try {
            PeerCredentials credentials = ((AncillarySocketChannel) ctx.channel()).peerCredentials();
            peer = "pid " + credentials.pid() + " (uid " + credentials.uid() + ')';
            String objection = house.objection(credentials.uid());
            if (objection == null) {
                return true;
            }
            refuse(ctx, RefusalCode.WRONG_USER, objection);
        } catch (IOException e) {
            refuse(ctx, RefusalCode.WRONG_USER, "its credentials cannot be read: " + e.getMessage());
        }
        return false;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!ctx.channel().isOpen() || !placed) {
            ReferenceCountUtil.release(message);
        } else if (message instanceof Message.Hello hello) {
            greeted(ctx, hello);
        } else {
            ReferenceCountUtil.release(message);
            refuse(
                    ctx,
                    RefusalCode.NO_COMMON_VERSION,
                    "it began with " + message.getClass().getSimpleName() + " instead of HELLO");
        }
    }

    private void greeted(ChannelHandlerContext ctx, Message.Hello hello) {
        leave();
        Refusal refusal = house.enter(ctx, hello);
        if (refusal != null) {
            refuse(ctx, refusal.code(), refusal.reason());
        }
    }

    private void refuse(ChannelHandlerContext ctx, RefusalCode code, String reason) {
        logger.warn("Refused a control connection of {}: {}; this process serves on", peer, OneLine.of(reason));
        end(ctx, code, reason);
    }

    private void end(ChannelHandlerContext ctx, RefusalCode code, String reason) {
        leave();
        ctx.channel().config().setAutoRead(false);
        ctx.writeAndFlush(new Message.Refused(code, reason)).addListener(ChannelFutureListener.CLOSE);
    }

    private void leave() {
        if (placed) {
            placed = false;
            house.leavePlace();
        }
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        leave();
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (placed) {
            refuse(ctx, RefusalCode.NO_COMMON_VERSION, String.valueOf(cause.getMessage()));
        }
    }
}
