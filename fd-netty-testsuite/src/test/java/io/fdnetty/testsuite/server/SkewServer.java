package io.fdnetty.testsuite.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fdnetty.StateSection;
import io.fdnetty.UpgradeException;
import io.fdnetty.Upgrader;
import io.fdnetty.UpgraderBuilder;
import io.fdnetty.examples.NativeTransport;
import io.fdnetty.examples.server.EchoHandler;
import io.fdnetty.examples.server.EventLine;
import io.fdnetty.examples.server.ServerEvents;
import io.fdnetty.move.MoveOptions;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * An echo server in two versions. The second has a state section more, and its connections of the kind {@code news} are
 * of version 2, which the first does not know.
 */
final class SkewServer {
    /** Also hands over a section that the first version does not know and must. */
    static final String VITAL = "vital";

    private SkewServer() {}

    /**
     * Runs the server.
     *
     * @param arguments the control socket, the application's version, and perhaps {@link #VITAL}
     */
    public static void main(String[] arguments) throws Exception {
        ServerEvents events = new ServerEvents(System.out);
        int version = Integer.parseInt(arguments[1]);
        UpgraderBuilder builder = Upgrader.builder(Path.of(arguments[0]))
                .name("skew")
                .version(arguments[1])
                .stepTimeout(Duration.ofSeconds(20))
                .listener(events)
                .state("base", new Word("base", true));
        if (version > 1) {
            builder.state("extra", new Word("extra", false)).finalState("last", new Word("last", false));
        }
        if (List.of(arguments).contains(VITAL)) {
            builder.finalState(VITAL, new Word(VITAL, true));
        }
        System.exit(run(builder, events, version));
    }

    private static int run(UpgraderBuilder builder, ServerEvents events, int version) throws InterruptedException {
        EventLoopGroup loops = NativeTransport.eventLoops("skew", 2);
        try (Upgrader upgrader = builder.build()) {
            Channel echo = bind(upgrader, loops, "echo", MoveOptions.asAccepted());
            Channel news =
                    bind(upgrader, loops, "news", MoveOptions.asAccepted().version(1, version));
            EventLine.of("news").with("port", port(news)).print(System.out);
            events.listening(port(echo));
            upgrader.ready();
            events.awaitEnd(upgrader);
            return 0;
        } catch (UpgradeException e) {
            events.upgradeFailed(e.step(), e.getMessage());
            return 1;
        }
    }

    private static int port(Channel listener) {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    private static Channel bind(Upgrader upgrader, EventLoopGroup loops, String name, MoveOptions options)
            throws InterruptedException {
        return new ServerBootstrap()
                .group(loops)
                .channelFactory(upgrader.listener(name))
                .childHandler(upgrader.movable(
                        name,
                        new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel connection) {
                                connection
                                        .pipeline()
                                        .addLast(
                                                new LengthFieldBasedFrameDecoder(1 << 20, 0, Integer.BYTES),
                                                new EchoHandler());
                            }
                        },
                        options))
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
    }

    /** A section of one word, which tells when it is loaded. */
    private record Word(String word, boolean required) implements StateSection {
        @Override
        public void save(OutputStream out) throws IOException {
            out.write(word.getBytes(UTF_8));
        }

        @Override
        public void load(int version, InputStream in) throws IOException {
            EventLine.of("loaded")
                    .with("section", new String(in.readAllBytes(), UTF_8))
                    .print(System.out);
        }
    }
}
