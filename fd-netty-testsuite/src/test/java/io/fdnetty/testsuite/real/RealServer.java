package io.fdnetty.testsuite.real;

import io.fdnetty.StateSection;
import io.fdnetty.UpgradeException;
import io.fdnetty.Upgrader;
import io.fdnetty.UpgraderBuilder;
import io.fdnetty.examples.NativeTransport;
import io.fdnetty.examples.server.ServerEvents;
import io.fdnetty.move.MoveOptions;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * A server as people write them: a PROXY header in front, a login that swaps handlers, requests that a pool of threads
 * answers after up to half a second, news that another thread pushes, heartbeats, a room. Its start can go wrong.
 */
final class RealServer {
    private static final Duration STEP = Duration.ofSeconds(4);
    private static final int IDLE_SECONDS = 60;

    /** What goes wrong at its start. */
    enum Trouble {
        NONE,
        /** It ends without a word before it is ready. */
        DIE,
        /** It never gets ready. */
        HANG,
        /** Every connection that arrives is refused. */
        REFUSE_CONNECTIONS,
        /** It says that connections arrive, and waits to be stopped. */
        STOP_AT_ARRIVAL
    }

    private final Trouble trouble;
    private final boolean together;
    private final ServerEvents events = new ServerEvents(System.out);
    private final Services services = new Services();

    private RealServer(Trouble trouble, boolean together) {
        this.trouble = trouble;
        this.together = together;
    }

    /**
     * Runs the server.
     *
     * @param arguments the control socket, the trouble, whether all connections move together
     */
    public static void main(String[] arguments) throws Exception {
        new RealServer(Trouble.valueOf(arguments[1]), Boolean.parseBoolean(arguments[2])).run(Path.of(arguments[0]));
    }

    private void run(Path socket) throws Exception {
        EventLoopGroup loops = NativeTransport.eventLoops("real", 2);
        UpgraderBuilder builder = Upgrader.builder(socket)
                .name("real")
                .readyTimeout(STEP)
                .stepTimeout(STEP)
                .drainTimeout(Duration.ofSeconds(20))
                .finalState("room", new RoomNumber())
                .listener(events);
        if (together) {
            builder.together(Duration.ofSeconds(10));
        }
        try (Upgrader upgrader = builder.build()) {
            Channel listener = bind(upgrader, loops);
            events.listening(((InetSocketAddress) listener.localAddress()).getPort());
            strike();
            upgrader.ready();
            services.start();
            events.awaitEnd(upgrader);
        } catch (UpgradeException e) {
            events.upgradeFailed(e.step(), e.getMessage());
            System.exit(1);
        }
        System.exit(0);
    }

    private void strike() throws InterruptedException {
        switch (trouble) {
            case DIE -> Runtime.getRuntime().halt(9);
            case HANG -> new CountDownLatch(1).await();
            default -> {}
        }
    }

    private Channel bind(Upgrader upgrader, EventLoopGroup loops) throws InterruptedException {
        ChannelHandler pipeline = new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline()
                        .addLast("haproxy", new HAProxyMessageDecoder())
                        .addLast("proxied", new Proxied())
                        .addLast(new LengthFieldBasedFrameDecoder(8 << 20, 0, 4, 0, 4))
                        .addLast(new LengthFieldPrepender(4))
                        .addLast(new StringDecoder())
                        .addLast(new StringEncoder())
                        .addLast(new IdleStateHandler(IDLE_SECONDS, 0, 0))
                        .addLast("login", new Login(services));
            }
        };
        return new ServerBootstrap()
                .group(loops)
                .channelFactory(upgrader.listener("rpc"))
                .childHandler(upgrader.movable("rpc", pipeline, options()))
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
    }

    private MoveOptions options() {
        return MoveOptions.asAccepted()
                .idleWhen(Rpc::isIdle)
                .stateless(Rpc.class)
                .attribute(Session.KEY, Session::save, Session::load)
                .rebuilt(this::rebuild);
    }

    /** The PROXY header and the login came long ago. */
    private void rebuild(Channel channel) {
        switch (trouble) {
            case REFUSE_CONNECTIONS -> throw new IllegalStateException("no connection is welcome today");
            case STOP_AT_ARRIVAL -> waitToBeStopped();
            default -> {}
        }
        Session session = channel.attr(Session.KEY).get();
        if (session != null) {
            channel.pipeline().remove("haproxy");
            channel.pipeline().remove("proxied");
            if (session.isLoggedIn()) {
                channel.pipeline().replace("login", "rpc", new Rpc(services));
            }
        }
    }

    private static void waitToBeStopped() {
        System.out.println("event=arriving pid=" + ProcessHandle.current().pid());
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The number of the last thing that was said in the room. */
    private final class RoomNumber implements StateSection {
        @Override
        public void save(OutputStream out) throws IOException {
            new DataOutputStream(out).writeLong(services.said());
        }

        @Override
        public void load(int version, InputStream in) throws IOException {
            services.said(new DataInputStream(in).readLong());
        }
    }
}
