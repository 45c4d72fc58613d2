package io.fdnetty.testsuite.server;

import io.fdnetty.UpgradeException;
import io.fdnetty.Upgrader;
import io.fdnetty.examples.NativeTransport;
import io.fdnetty.examples.server.EchoHandler;
import io.fdnetty.examples.server.ServerEvents;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** The echo server for tests: with short deadlines, and with a {@link Trouble} that strikes while it takes over. */
final class TroubledServer {
    private static final Duration SHORT = Duration.ofSeconds(4);
    private static final int CRASHED = 9;

    /** What goes wrong. */
    enum Trouble {
        NONE,
        /** Ends without a word before it is ready. */
        CRASH,
        /** Never says that it is ready; it waits for its SIGSTOP. */
        HANG,
        /** Says that it cannot take over. */
        REFUSE,
        /** Ends without a word when so many connections have arrived. */
        CRASH_AMONG_CONNECTIONS
    }

    private final Trouble trouble;
    private final int crashAfter;
    private final AtomicInteger arrived = new AtomicInteger();
    private final ServerEvents events = new ServerEvents(System.out);

    private TroubledServer(Trouble trouble, int crashAfter) {
        this.trouble = trouble;
        this.crashAfter = crashAfter;
    }

    /**
     * Runs the server.
     *
     * @param arguments the control socket, the trouble, after how many connections it crashes
     */
    public static void main(String[] arguments) throws Exception {
        new TroubledServer(Trouble.valueOf(arguments[1]), Integer.parseInt(arguments[2])).run(Path.of(arguments[0]));
    }

    private void run(Path socket) throws Exception {
        EventLoopGroup loops = NativeTransport.eventLoops("troubled", 2);
        try (Upgrader upgrader = Upgrader.builder(socket)
                .name("troubled")
                .version("1")
                .readyTimeout(SHORT)
                .stepTimeout(SHORT)
                .drainTimeout(SHORT)
                .listener(events)
                .build()) {
            Channel listener = bind(upgrader, loops);
            events.listening(((InetSocketAddress) listener.localAddress()).getPort());
            strikeBeforeReady(upgrader);
            upgrader.ready();
            events.awaitEnd(upgrader);
        } catch (UpgradeException e) {
            events.upgradeFailed(e.step(), e.getMessage());
            System.exit(1);
        }
        System.exit(0);
    }

    private Channel bind(Upgrader upgrader, EventLoopGroup loops) throws InterruptedException {
        ChannelHandler child = new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel connection) {
                countArrival();
                connection
                        .pipeline()
                        .addLast(new LengthFieldBasedFrameDecoder(1 << 20, 0, Integer.BYTES), new EchoHandler());
            }
        };
        return new ServerBootstrap()
                .group(loops)
                .channelFactory(upgrader.listener("echo"))
                .childHandler(upgrader.movable("echo", child))
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
    }

    private void strikeBeforeReady(Upgrader upgrader) throws InterruptedException {
        switch (trouble) {
            case CRASH -> Runtime.getRuntime().halt(CRASHED);
            case HANG -> new CountDownLatch(1).await();
            case REFUSE -> upgrader.refuse("not today");
            default -> {}
        }
    }

    private void countArrival() {
        if (trouble == Trouble.CRASH_AMONG_CONNECTIONS && arrived.incrementAndGet() == crashAfter) {
            Runtime.getRuntime().halt(CRASHED);
        }
    }
}
