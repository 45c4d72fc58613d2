package io.fdnetty.examples.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.util.AttributeKey;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** What all connections of a proxy in http mode share. Thread-safe. */
final class HttpProxy {
    /** The one that waits for a connection which is being opened. */
    static final AttributeKey<BackHandler> EXPECTED = AttributeKey.valueOf(HttpProxy.class, "expected");

    private final ProxySettings settings;
    private final Backend backend;
    private final Complaints complaints = new Complaints();
    private final Admission admission;
    private final Map<EventLoop, LoopState> loops = new ConcurrentHashMap<>();

    /**
     * @param backHandler what a connection to the backend is brought up with: {@link HttpBack} of this proxy, movable
     *     or not
     */
    HttpProxy(ProxySettings settings, UnaryOperator<ChannelHandler> backHandler) {
        this.settings = settings;
        this.admission = new Admission(settings.maxConnections());
        this.backend = new Backend(settings, backHandler.apply(new HttpBack(this)));
    }

    ProxySettings settings() {
        return settings;
    }

    ProxySettings.Times times() {
        return settings.times();
    }

    Complaints complaints() {
        return complaints;
    }

    Backend backend() {
        return backend;
    }

    boolean admits(Channel client) {
        return admission.enter(client);
    }

    LoopState stateOf(EventLoop loop) {
        return loops.computeIfAbsent(
                loop, key -> new LoopState(new LoopTimer(key, times().tick()), new BackendPool(settings.maxIdle())));
    }

    /** Opens a connection for an exchange, on the event loop of its client. */
    ChannelFuture connect(EventLoop loop, BackHandler expected) {
        return backend.connect(loop, EXPECTED, expected);
    }
}
