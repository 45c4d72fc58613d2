package io.fdnetty.examples.chat;

import io.fdnetty.move.ConnectionRestored;
import io.fdnetty.move.MovableHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client: hears its requests, and tells it what is new. Its state, which moves along, is the seat: room, name and
 * cursor.
 *
 * <p>It stands in the pipeline from the beginning, and is idle until the connection has become a socket.
 */
final class ChatSocket extends SimpleChannelInboundHandler<WebSocketFrame> implements MovableHandler {
    private static final Logger logger = LoggerFactory.getLogger(ChatSocket.class);

    private final Chat chat;
    private final Pump pump;
    private final AtomicBoolean isWoken = new AtomicBoolean();
    private final Runnable wake = this::wake;
    private @Nullable Seat seat;
    private boolean isOpen;
    private boolean isClosing;
    private boolean isArriving;
    private volatile @Nullable ChannelHandlerContext context;

    ChatSocket(Chat chat) {
        this.chat = chat;
        this.pump = new Pump(chat);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    /** The connection has become a socket. */
    void opened() {
        isOpen = true;
        chat.announcements().add(wake);
        wake();
    }

    /** Something may be new for this client. Any thread. */
    private void wake() {
        ChannelHandlerContext ctx = context;
        if (ctx != null && isWoken.compareAndSet(false, true)) {
            try {
                ctx.executor().execute(this::awake);
            } catch (RejectedExecutionException e) {
                logger.debug("{} has no event loop any more", ctx.channel(), e);
            }
        }
    }

    private void awake() {
        isWoken.set(false);
        ChannelHandlerContext ctx = context;
        if (ctx != null) {
            tellNews(ctx);
        }
    }

    private void tellNews(ChannelHandlerContext ctx) {
        if (isOpen && !isClosing && !isArriving && pump.run(ctx, seat)) {
            wake();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        tellNews(ctx);
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
        if (isClosing) {
            return;
        }
        if (frame instanceof TextWebSocketFrame text) {
            hear(ctx, text.text());
        } else if (frame instanceof PingWebSocketFrame) {
            ctx.writeAndFlush(new PongWebSocketFrame(frame.content().retain()), ctx.voidPromise());
        } else if (frame instanceof CloseWebSocketFrame) {
            close(
                    ctx,
                    new CloseWebSocketFrame(
                            frame.isFinalFragment(),
                            frame.rsv(),
                            frame.content().retain()));
        } else if (!(frame instanceof PongWebSocketFrame)) {
            close(ctx, new CloseWebSocketFrame(WebSocketCloseStatus.INVALID_MESSAGE_TYPE));
        }
    }

    private void hear(ChannelHandlerContext ctx, String text) {
        try {
            obey(ctx, Request.parse(text));
        } catch (RefusedException e) {
            ctx.writeAndFlush(Pump.text(Frames.error(e.reason())), ctx.voidPromise());
        }
    }

    private void obey(ChannelHandlerContext ctx, Request request) throws RefusedException {
        if (request instanceof Request.Join join) {
            join(ctx, join);
        } else if (request instanceof Request.Say say) {
            say(say);
        } else if (request instanceof Request.Ping ping) {
            ctx.writeAndFlush(Pump.text(Frames.pong(ping.id())), ctx.voidPromise());
        } else if (request instanceof Request.Upgrade) {
            chat.button().press();
        }
    }

    private void join(ChannelHandlerContext ctx, Request.Join join) throws RefusedException {
        leave();
        Seat taken = chat.rooms().join(join.room(), join.name(), join.after(), wake);
        seat = taken;
        long from = chat.rooms().cursor(taken) + 1;
        ctx.write(
                Pump.text(Frames.joined(
                        join.room(), taken.name(), from, chat.rooms().last(taken))),
                ctx.voidPromise());
        tellNews(ctx);
    }

    private void say(Request.Say say) throws RefusedException {
        Seat taken = seat;
        if (taken == null) {
            throw new RefusedException("Join a room first.");
        }
        chat.rooms().say(taken, say.text());
    }

    private void leave() {
        Seat taken = seat;
        if (taken != null) {
            seat = null;
            chat.rooms().leave(taken);
        }
    }

    private void close(ChannelHandlerContext ctx, CloseWebSocketFrame last) {
        isClosing = true;
        leave();
        ctx.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
    }

    /** The server ends. */
    void sayGoodbye() {
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            return;
        }
        if (isOpen && !isClosing) {
            close(ctx, new CloseWebSocketFrame(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE));
        } else {
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        leave();
        ctx.fireChannelInactive();
    }

    /** After the end of the connection, or because it is on its way: then its seat is kept for it. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        context = null;
        chat.announcements().remove(wake);
        if (seat != null) {
            chat.rooms().lift(seat);
            seat = null;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        logger.debug("{} ends", ctx.channel(), cause);
        ctx.close();
    }

    @Override
    public String stateName() {
        return "chat";
    }

    @Override
    public int stateVersion() {
        return Place.VERSION;
    }

    @Override
    public void saveState(ChannelHandlerContext ctx, ByteBuf out) {
        if (seat != null) {
            new Place(seat.room().name(), seat.name(), chat.rooms().cursor(seat)).write(out);
        }
    }

    /** Follows {@link #opened} where the connection is a socket. */
    @Override
    public void restoreState(ChannelHandlerContext ctx, int version, ByteBuf in) throws RefusedException {
        isArriving = true;
        Place place = Place.read(in);
        if (place != null) {
            Seat taken = chat.rooms().comeBack(place, wake);
            seat = taken;
            if (!taken.name().equals(place.name())) {
                ctx.write(Pump.text(Frames.named(taken.name())), ctx.voidPromise());
            }
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ConnectionRestored) {
            isArriving = false;
            wake();
        }
        ctx.fireUserEventTriggered(event);
    }

    /** The boundary says it, if this is a socket. */
    @Override
    public void farewell(ChannelHandlerContext ctx) {}
}
