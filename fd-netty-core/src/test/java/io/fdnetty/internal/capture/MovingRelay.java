package io.fdnetty.internal.capture;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.fdnetty.internal.arrival.Arrival;
import io.fdnetty.internal.connection.LiveConnections;
import io.fdnetty.internal.connection.MoveLimits;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.listener.InheritedSockets;
import io.fdnetty.internal.listener.Listeners;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.Eventually;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * One of the two relays between which the tests move linked connections; both live in this process, with loops of their
 * own.
 */
final class MovingRelay implements AutoCloseable {
    static final String BACKEND = "backend";

    final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    final Listeners listeners = new Listeners(new InheritedSockets());
    final LiveConnections connections;
    final Bootstrap backends;
    private final Channel channel;

    /** What a test changes about a relay. */
    static final class Make {
        boolean quietly = true;
        MoveLimits limits = MoveLimits.defaults();
        MoveOptions options = MoveOptions.asAccepted().oneWay();
        Consumer<Channel> front = channel -> {};
        Consumer<Channel> back = channel -> {};
        UnaryOperator<Bootstrap> bootstrap = UnaryOperator.identity();
    }

    MovingRelay(SocketAddress... backends) throws Exception {
        this(new Make(), backends);
    }

    MovingRelay(Make make, SocketAddress... addresses) throws Exception {
        connections = new LiveConnections(listeners, make.limits, Explainer::log, make.quietly);
        ChannelHandler back = connections.outbound(
                BACKEND,
                group,
                initializer(child -> {
                    child.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
                    make.back.accept(child);
                    child.pipeline().addLast(new Relaying());
                }),
                make.options);
        backends = make.bootstrap.apply(
                new Bootstrap().channel(EpollSocketChannel.class).handler(back));
        channel = new ServerBootstrap()
                .group(group)
                .channelFactory(listeners.tcp(MovingServer.LISTENER))
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(connections.movable(
                        "front",
                        initializer(child -> {
                            make.front.accept(child);
                            child.pipeline().addLast(new Relaying.Front(this::backend, List.of(addresses)));
                        }),
                        make.options))
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        listeners.releaseAll();
    }

    private Bootstrap backend(Channel front) {
        return backends.clone(front.eventLoop());
    }

    private static ChannelHandler initializer(Consumer<Channel> pipeline) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel child) {
                pipeline.accept(child);
            }
        };
    }

    Socket connect() throws IOException {
        return connect(0);
    }

    Socket connect(int receiveBuffer) throws IOException {
        Socket client = new Socket();
        if (receiveBuffer > 0) {
            client.setReceiveBufferSize(receiveBuffer);
        }
        client.connect(channel.localAddress());
        client.setSoTimeout(10_000);
        client.setTcpNoDelay(true);
        return client;
    }

    /** The only group, once it has that many backends and all of them are connected. */
    TrackedConnection only(int backs) {
        Eventually.holds(
                "one group",
                () -> connections.open().size() == 1
                        && connections.opened().stream()
                                        .filter(each -> each.channel().isActive())
                                        .count()
                                == backs);
        return connections.open().iterator().next();
    }

    /** The channel of the only backend connection. */
    Channel back() {
        return connections.opened().iterator().next().channel();
    }

    Captured capture() throws Exception {
        return capture(only(1));
    }

    static Captured capture(TrackedConnection connection) throws Exception {
        MovingServer.Outcome outcome = outcomes(connection).take();
        if (outcome.captured() == null) {
            throw new AssertionError(outcome);
        }
        return outcome.captured();
    }

    static MovingServer.Outcomes outcomes(TrackedConnection connection) {
        MovingServer.Outcomes outcomes = new MovingServer.Outcomes();
        Capture.start(connection, outcomes);
        return outcomes;
    }

    Arrival adopt(Captured captured) throws Exception {
        return MovingServer.adopt(connections, captured.unit(), captured.unit().version());
    }

    /** Moves a stopped unit here, all the way. */
    void move(Captured captured) throws Exception {
        Arrival arrival = adopt(captured);
        if (!arrival.isAdopted()) {
            throw new AssertionError(arrival.rejection());
        }
        CompletableFuture<Long> started = new CompletableFuture<>();
        arrival.start(started::complete);
        started.get(10, SECONDS);
        captured.release();
    }

    /** Whether nothing is left here. */
    boolean isEmpty() {
        return connections.open().isEmpty() && connections.opened().isEmpty();
    }

    @Override
    public void close() {
        List<TrackedConnection> all = new ArrayList<>(connections.open());
        all.addAll(connections.opened());
        all.forEach(connection -> connection.channel().close().awaitUninterruptibly());
        channel.close().syncUninterruptibly();
        group.shutdownGracefully(20, 5000, MILLISECONDS).syncUninterruptibly();
    }
}
