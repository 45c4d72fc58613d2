package io.fdnetty.examples.proxy;

import io.fdnetty.examples.NativeTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.util.AttributeKey;

/** Opens connections to the server behind the proxy. Thread-safe. */
final class Backend {
    private final ProxySettings settings;
    private final Bootstrap bootstrap;

    /** @param handler sharable; brings up each connection */
    Backend(ProxySettings settings, ChannelHandler handler) {
        this.settings = settings;
        this.bootstrap = new Bootstrap()
                .channel(NativeTransport.clientChannel())
                .remoteAddress(settings.backend())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        settings.times().connect().toMillis())
                .handler(handler);
    }

    /** Begins to connect, on the event loop of the client whose bytes it will carry. */
    ChannelFuture connect(EventLoop loop) {
        return bootstrap.clone(loop).connect();
    }

    /** Like {@link #connect}, for a connection that is to know something before it is brought up. */
    <T> ChannelFuture connect(EventLoop loop, AttributeKey<T> key, T value) {
        return bootstrap.clone(loop).attr(key, value).connect();
    }

    /** Why there is no connection, for the log. */
    String failure(Throwable cause) {
        String reason =
                isTimeout(cause) ? "no answer within " + settings.times().connect() : cause.getMessage();
        return "cannot connect to the backend " + settings.backendName() + ": " + reason;
    }

    static boolean isTimeout(Throwable cause) {
        return cause instanceof ConnectTimeoutException;
    }
}
