package io.fdnetty.examples.proxy;

import static java.util.Objects.requireNonNull;

import io.fdnetty.http.HttpBoundary;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection: its requests are answered one after the other. Event loop only.
 *
 * <p>It reads only while the next piece of a request can be passed on at once, so that what is received and waits here
 * is what one read has brought.
 */
final class FrontHandler extends ChannelInboundHandlerAdapter implements LoopTimer.Watched {
    private final HttpProxy proxy;
    private final LoopState loop;
    private final FrontCodec codec;
    private final ReceivedParts received = new ReceivedParts();
    private final ClientClock clock;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Exchange current;
    private boolean pumping;
    /** The last response that it will get is the next one. */
    private boolean leaving;
    /** Nothing more is read or written. */
    private boolean over;

    private boolean inputEnded;

    FrontHandler(HttpProxy proxy, LoopState loop, FrontCodec codec) {
        this.proxy = proxy;
        this.loop = loop;
        this.codec = codec;
        this.clock = new ClientClock(proxy.times());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        loop.timer().add(this);
    }

    /** Also when the connection moves. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        loop.timer().remove(this);
        received.dropAll();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (over || !(message instanceof HttpObject part)) {
            ReferenceCountUtil.release(message);
        } else {
            received.add(part);
            pump();
        }
    }

    /** Passes on what can be passed on of what was received. */
    void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        while (!over && takeNext()) {}
        pumping = false;
        if (!over) {
            if (current != null) {
                current.flushRequest();
            }
            channel().config().setAutoRead(wantsToRead());
        }
    }

    private boolean wantsToRead() {
        return !inputEnded && received.isEmpty() && (current == null || current.wantsBody());
    }

    /** Returns false if the next piece has to wait. */
    private boolean takeNext() {
        HttpObject next = received.peek();
        if (next == null) {
            return false;
        }
        if (current == null) {
            received.remove();
            begin(next);
            return true;
        }
        if (!(next instanceof HttpContent piece) || !current.wantsBody()) {
            return false;
        }
        received.remove();
        current.fromClient(piece);
        return true;
    }

    private void begin(HttpObject next) {
        if (!(next instanceof HttpRequest request)) {
            ReferenceCountUtil.release(next); // the rest of a request that was answered without it
            return;
        }
        Rejection rejection = RequestRules.check(request);
        if (rejection == null && leaving) {
            rejection = Rejection.unavailable("the proxy is being stopped; try again");
        }
        if (rejection != null) {
            ReferenceCountUtil.release(request);
            answerLast(rejection);
            return;
        }
        RequestFacts facts = RequestFacts.of(request);
        HttpRequest translated = HeaderRules.toBackend(
                request, facts, client().getAddress(), proxy.settings().backendName());
        Exchange exchange = new Exchange(proxy, loop, this, translated, facts);
        current = exchange;
        exchange.begin(eventLoop());
    }

    private InetSocketAddress client() {
        return (InetSocketAddress) channel().remoteAddress();
    }

    Channel channel() {
        return requireNonNull(context).channel();
    }

    EventLoop eventLoop() {
        return channel().eventLoop();
    }

    boolean isWritable() {
        return channel().isWritable();
    }

    /** Whether the connection is to be closed after the response. */
    boolean isLeaving() {
        return leaving || inputEnded;
    }

    void write(HttpObject part) {
        requireNonNull(context).write(part);
    }

    void flush() {
        requireNonNull(context).flush();
    }

    /** The response is complete. */
    void exchangeEnded(boolean keepAlive) {
        boolean requestDone = requireNonNull(current).isRequestDone();
        current = null;
        clock.restart();
        if (!keepAlive || leaving) {
            close(requestDone && received.isEmpty());
        } else if (inputEnded && received.isEmpty()) {
            close(true);
        } else {
            pump();
        }
    }

    /** Instead of a response of the backend, the client gets one of the proxy's own. */
    void answer(Rejection rejection) {
        Exchange failed = requireNonNull(current);
        boolean complete = failed.isRequestDone() || received.dropRestOfRequest();
        boolean keepAlive = complete && failed.facts().keepsAlive() && !isLeaving();
        OwnAnswer answer = new OwnAnswer(rejection);
        write(answer.head(failed.facts(), keepAlive));
        write(answer.body(failed.facts()));
        flush();
        current = null;
        clock.restart();
        if (keepAlive) {
            pump();
        } else {
            close(complete && received.isEmpty());
        }
    }

    /** An answer to what is no request, or one too many. */
    private void answerLast(Rejection rejection) {
        OwnAnswer answer = new OwnAnswer(rejection);
        write(answer.head(null, false));
        write(answer.body(null));
        flush();
        close(false);
    }

    /** The response cannot be completed, and the client is to see that. */
    void cut(Framing framing) {
        channelGone();
        if (framing == Framing.UNTIL_CLOSE) {
            channel().config().setOption(ChannelOption.SO_LINGER, 0); // a plain end would look like the end of the body
        }
        channel().close();
    }

    /** @param silent whether the client has nothing more to say */
    private void close(boolean silent) {
        over = true;
        received.dropAll();
        if (silent) {
            channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else {
            Lingering.close(channel());
        }
    }

    /** The backend has agreed to another protocol: from now on both connections carry raw bytes. */
    void becomeRelay(BackHandler back) {
        current = null;
        over = true;
        flush();
        if (!received.isEmpty()) {
            back.end();
            cut(Framing.NONE); // what came before the consent has been read as HTTP and is lost
            return;
        }
        Channel client = channel();
        back.prepareForRawBytes();
        client.pipeline().addLast(new Relay(back.channel()));
        client.pipeline().remove(this);
        client.pipeline().remove(HttpBoundary.class);
        client.pipeline().remove(codec);
        Pair.link(client, back.channel());
        back.makeWay(new Relay(client));
        client.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (current != null) {
            current.clientWritabilityChanged();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded();
        } else if (event == Goodbye.SAID) {
            leave();
        }
        ctx.fireUserEventTriggered(event);
    }

    /** The client sends no more; it may wait for answers to what it has sent. */
    private void inputEnded() {
        inputEnded = true;
        if (over) {
            return;
        }
        if (current == null) {
            close(true);
        } else if (!current.isRequestDone() && !received.hasEnd()) {
            cut(Framing.NONE);
        }
    }

    /** The connection ends with the exchange that is under way, if there is one. */
    private void leave() {
        leaving = true;
        if (current == null && !over && !codec.isHeadBegun()) {
            close(true);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        channelGone();
        ctx.fireChannelInactive();
    }

    private void channelGone() {
        over = true;
        received.dropAll();
        if (current != null) {
            current.cancel();
            current = null;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        channelGone();
        ctx.close();
    }

    @Override
    public void check(long nowNanos) {
        if (over) {
            return;
        }
        if (current != null) {
            current.check(nowNanos);
            return;
        }
        switch (clock.check(nowNanos, codec.isHeadBegun())) {
            case NONE -> {}
            case IDLE -> close(true);
            case HEAD -> answerLast(Rejection.requestTimeout("the head of the request did not come to its end"));
        }
    }
}
