package io.fdnetty.internal.capture;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.internal.arrival.Arrival;
import io.fdnetty.internal.arrival.UnitArrival;
import io.fdnetty.internal.connection.LiveConnections;
import io.fdnetty.internal.connection.MoveLimits;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.listener.InheritedSockets;
import io.fdnetty.internal.listener.Listeners;
import io.fdnetty.internal.protocol.ConnectionPart;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.HandlerState;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.Eventually;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * One of the two servers between which the tests move connections; both live in this process, with loops of their own.
 */
public final class MovingServer implements AutoCloseable {
    public static final String LISTENER = "main";

    /** The pipeline of a connection. */
    public interface Pipeline extends Consumer<Channel> {}

    private final EventLoopGroup group;
    private final Listeners listeners = new Listeners(new InheritedSockets());
    private final LiveConnections connections;
    private final Channel channel;

    /** Connections that move at any time, whatever is written to them. */
    public MovingServer(Pipeline pipeline) throws Exception {
        this(MoveOptions.asAccepted().answersOnLoop(), MoveLimits.defaults(), pipeline);
    }

    public MovingServer(MoveOptions options, Pipeline pipeline) throws Exception {
        this(options, MoveLimits.defaults(), pipeline);
    }

    public MovingServer(MoveOptions options, MoveLimits limits, Pipeline pipeline) throws Exception {
        this(options, limits, pipeline, true);
    }

    public MovingServer(MoveOptions options, MoveLimits limits, Pipeline pipeline, boolean quietly) throws Exception {
        group = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
        connections = new LiveConnections(listeners, limits, Explainer::log, quietly);
        ChannelHandler initializer = new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel child) {
                pipeline.accept(child);
            }
        };
        channel = new ServerBootstrap()
                .group(group)
                .channelFactory(listeners.tcp(LISTENER))
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(connections.movable("test", initializer, options))
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        listeners.releaseAll();
    }

    public LiveConnections connections() {
        return connections;
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** A connected client that gives up after ten seconds without a byte. */
    public Socket connect() throws IOException {
        return connect(0);
    }

    public Socket connect(int receiveBuffer) throws IOException {
        Socket client = new Socket();
        if (receiveBuffer > 0) {
            client.setReceiveBufferSize(receiveBuffer);
        }
        client.connect(channel.localAddress());
        client.setSoTimeout(10_000);
        client.setTcpNoDelay(true);
        return client;
    }

    /** The only open connection, once there is one. */
    public TrackedConnection only() {
        Eventually.holds("one open connection", () -> connections.open().size() == 1);
        return connections.open().iterator().next();
    }

    /** Stops the connection; it must be able to move. */
    public Captured capture(TrackedConnection connection) throws Exception {
        Outcome outcome = tryCapture(connection);
        if (outcome.captured() == null) {
            throw new AssertionError(outcome);
        }
        return outcome.captured();
    }

    public Outcome tryCapture(TrackedConnection connection) throws Exception {
        return outcomes(connection).take();
    }

    /** How a capture ends, or that it must wait. */
    public record Outcome(String what, String reason, Captured captured) {}

    /** Everything that the listener of a capture hears. */
    public static class Outcomes implements CaptureListener {
        private final BlockingQueue<Outcome> heard = new LinkedBlockingQueue<>();
        private final long standstillMillis;

        public Outcomes() {
            this(0);
        }

        /** @param standstillMillis how long a stopped connection waits until it is taken out */
        public Outcomes(long standstillMillis) {
            this.standstillMillis = standstillMillis;
        }

        @Override
        public void stopped(TrackedConnection connection, Runnable goOn) {
            if (standstillMillis == 0) {
                goOn.run();
            } else {
                connection.eventLoop().schedule(goOn, standstillMillis, MILLISECONDS);
            }
        }

        public Outcome take() throws InterruptedException {
            Outcome next = heard.poll(10, SECONDS);
            if (next == null) {
                throw new AssertionError("the listener of a capture heard nothing");
            }
            return next;
        }

        public boolean isEmpty() {
            return heard.isEmpty();
        }

        @Override
        public void captured(TrackedConnection connection, Captured captured) {
            heard.add(new Outcome("captured", "", captured));
        }

        @Override
        public void notNow(TrackedConnection connection, String reason) {
            heard.add(new Outcome("notNow", reason, null));
        }

        @Override
        public void notMovable(TrackedConnection connection, String reason) {
            heard.add(new Outcome("notMovable", reason, null));
        }

        @Override
        public void movesWith(TrackedConnection connection, TrackedConnection leader) {
            heard.add(new Outcome("movesWith", "connection " + leader.id(), null));
        }

        @Override
        public void closed(TrackedConnection connection) {
            heard.add(new Outcome("closed", "", null));
        }
    }

    public Outcomes outcomes(TrackedConnection connection) {
        Outcomes outcomes = new Outcomes();
        Capture.start(connection, outcomes);
        return outcomes;
    }

    /** What arrives here when that unit is sent: a copy of everything. */
    public Arrival adopt(ConnectionUnit sent) throws Exception {
        return adopt(sent, sent.version());
    }

    public Arrival adopt(ConnectionUnit sent, int version) throws Exception {
        return adopt(connections, sent, version);
    }

    public static Arrival adopt(LiveConnections connections, ConnectionUnit sent, int version) throws Exception {
        CompletableFuture<Arrival> arrival = new CompletableFuture<>();
        UnitArrival.adopt(connections, copy(sent, version), arrival::complete);
        return arrival.get(10, SECONDS);
    }

    /** Moves a stopped connection here, all the way. */
    public TrackedConnection move(Captured captured) throws Exception {
        Arrival arrival = adopt(captured.unit());
        if (!arrival.isAdopted()) {
            throw new AssertionError(arrival.rejection());
        }
        CompletableFuture<Long> started = new CompletableFuture<>();
        arrival.start(started::complete);
        started.get(10, SECONDS);
        captured.release();
        return only();
    }

    private static ConnectionUnit copy(ConnectionUnit sent, int version) throws IOException {
        List<ConnectionPart> parts = new ArrayList<>();
        for (ConnectionPart part : sent.parts()) {
            parts.add(copy(part, part.role(), part.listener()));
        }
        return new ConnectionUnit(sent.id(), sent.kind(), version, sent.capturedAtMicros(), parts);
    }

    static ConnectionPart copy(ConnectionPart part, String role, String listener) throws IOException {
        List<HandlerState> states = part.state().stream()
                .map(state -> new HandlerState(
                        state.name(), state.version(), state.bytes().copy()))
                .toList();
        Descriptor descriptor;
        try (DescriptorCopier copier = new DescriptorCopier()) {
            descriptor = copier.copy(part.descriptor());
        }
        return new ConnectionPart(
                role,
                listener,
                descriptor,
                part.flags(),
                part.unread().copy(),
                part.unwritten().copy(),
                states);
    }

    @Override
    public void close() {
        connections.open().forEach(connection -> connection.channel().close());
        channel.close().syncUninterruptibly();
        group.shutdownGracefully(0, 5, SECONDS).syncUninterruptibly();
    }
}
