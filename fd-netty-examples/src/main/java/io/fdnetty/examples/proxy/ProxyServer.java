package io.fdnetty.examples.proxy;

import io.fdnetty.Connections;
import io.fdnetty.Upgrader;
import io.fdnetty.move.MoveOptions;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/** Puts a proxy together. */
final class ProxyServer {
    private static final String FRONT = "front";
    private static final String BACKEND = "backend";
    /**
     * Raw pairs pass on whatever comes; in http mode HttpBoundary and the backends' handlers know what is owed. A new
     * pipeline is built for what the connection has become: see {@link HttpFront}, {@link HttpBack}, {@link TcpFront},
     * {@link TcpBack}.
     */
    private static final MoveOptions RELAYING =
            MoveOptions.asAccepted().oneWay().rebuilt(channel -> {});

    /** Between two exchanges, of which HttpBoundary knows, the front's handler holds nothing. */
    private static final MoveOptions FRONT_MOVES = RELAYING.stateless(FrontHandler.class);

    private final ProxySettings settings;
    private final ProxyMode mode;
    private final Consumer<Channel> tracker;

    /** @param tracker gets each client's connection */
    ProxyServer(ProxySettings settings, ProxyMode mode, Consumer<Channel> tracker) {
        this.settings = settings;
        this.mode = mode;
        this.tracker = tracker;
    }

    /** Begins to bind; clients are served when the upgrader is ready. */
    ChannelFuture bind(Upgrader upgrader, EventLoopGroup acceptors, EventLoopGroup workers, InetSocketAddress address) {
        boolean raw = mode == ProxyMode.TCP;
        ChannelHandler front = raw ? tcpFront(upgrader, workers) : httpFront(upgrader, workers);
        return new ServerBootstrap()
                .group(acceptors, workers)
                .channelFactory(upgrader.listener(FRONT))
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.AUTO_READ, !raw)
                .childHandler(upgrader.movable(FRONT, front, FRONT_MOVES))
                .bind(address);
    }

    private ChannelHandler tcpFront(Upgrader upgrader, EventLoopGroup workers) {
        Complaints complaints = new Complaints();
        Admission admission = new Admission(settings.maxConnections());
        Backend backend = new Backend(settings, movable(upgrader, workers, new TcpBack()));
        return initializer(client -> {
            if (admission.enter(client) || Connections.isArriving(client)) {
                client.pipeline().addLast(new TcpFront(backend, complaints));
            } else {
                complaints.about("a client is turned away: there are " + settings.maxConnections()
                        + " already (--max-connections)");
                client.close();
            }
        });
    }

    private ChannelHandler httpFront(Upgrader upgrader, EventLoopGroup workers) {
        HttpProxy proxy = new HttpProxy(settings, handler -> movable(upgrader, workers, handler));
        return initializer(client -> client.pipeline().addLast(new HttpFront(proxy, Connections.isArriving(client))));
    }

    private static ChannelHandler movable(Upgrader upgrader, EventLoopGroup workers, ChannelHandler backHandler) {
        return upgrader.outbound(BACKEND, workers, backHandler, RELAYING);
    }

    private ChannelHandler initializer(Consumer<Channel> steps) {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel client) {
                tracker.accept(client);
                steps.accept(client);
            }
        };
    }
}
