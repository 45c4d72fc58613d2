package io.fdnetty.testsuite.server;

import io.fdnetty.UpgradeException;
import io.fdnetty.UpgradeListener;
import io.fdnetty.UpgradeReport;
import io.fdnetty.Upgrader;
import io.fdnetty.UpgraderBuilder;
import io.fdnetty.examples.NativeTransport;
import io.fdnetty.examples.server.EchoHandler;
import io.fdnetty.examples.server.EventLine;
import io.fdnetty.examples.server.ServerEvents;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** The echo server for tests of its state: with the {@link GeneratedSection}s of its command line. */
final class StateServer {
    private static final Duration STEP = Duration.ofSeconds(10);
    private static final Duration DRAIN = Duration.ofSeconds(5);

    /** Instead of a section: never says that it is ready. */
    static final String HOLD = "hold";

    /** Instead of a section, with a number: how many seconds the other side and the author may take for anything. */
    static final String SECONDS = "seconds:";

    private StateServer() {}

    /**
     * Runs the server.
     *
     * @param arguments the control socket, the application's name, then the sections, or {@link #HOLD}
     */
    public static void main(String[] arguments) throws Exception {
        ServerEvents events = new ServerEvents(System.out);
        UpgraderBuilder builder = Upgrader.builder(Path.of(arguments[0]))
                .name(arguments[1])
                .stepTimeout(STEP)
                .drainTimeout(DRAIN)
                .listener(events)
                .listener(new Notes());
        boolean hold = false;
        for (String each : java.util.List.of(arguments).subList(2, arguments.length)) {
            hold |= each.equals(HOLD);
            if (each.startsWith(SECONDS)) {
                Duration limit = Duration.ofSeconds(Long.parseLong(each.substring(SECONDS.length())));
                builder.stepTimeout(limit).readyTimeout(limit);
            } else if (!each.equals(HOLD)) {
                add(builder, GeneratedSection.parse(each));
            }
        }
        System.exit(run(builder, events, hold));
    }

    private static void add(UpgraderBuilder builder, GeneratedSection section) {
        if (section.isFinal()) {
            builder.finalState(section.name(), section);
        } else {
            builder.state(section.name(), section);
        }
    }

    private static int run(UpgraderBuilder builder, ServerEvents events, boolean hold) throws InterruptedException {
        EventLoopGroup loops = NativeTransport.eventLoops("state", 2);
        try (Upgrader upgrader = builder.build()) {
            Channel listener = bind(upgrader, loops);
            events.listening(((InetSocketAddress) listener.localAddress()).getPort());
            if (hold) {
                new CountDownLatch(1).await();
            }
            upgrader.ready();
            events.awaitEnd(upgrader);
            return 0;
        } catch (UpgradeException e) {
            events.upgradeFailed(e.step(), e.getMessage());
            return 1;
        }
    }

    private static Channel bind(Upgrader upgrader, EventLoopGroup loops) throws InterruptedException {
        return new ServerBootstrap()
                .group(loops)
                .channelFactory(upgrader.listener("echo"))
                .childHandler(upgrader.movable("echo", new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel connection) {
                        connection
                                .pipeline()
                                .addLast(
                                        new LengthFieldBasedFrameDecoder(1 << 20, 0, Integer.BYTES), new EchoHandler());
                    }
                }))
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
    }

    /** Tells what else an operator should know. */
    static final class Notes implements UpgradeListener {
        @Override
        public void serving(UpgradeReport report) {
            report.notes()
                    .forEach(note -> EventLine.of("note").with("text", note).print(System.out));
        }
    }
}
