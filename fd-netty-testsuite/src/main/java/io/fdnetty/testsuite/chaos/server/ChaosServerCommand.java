package io.fdnetty.testsuite.chaos.server;

import io.fdnetty.StateSection;
import io.fdnetty.Upgrader;
import io.fdnetty.UpgraderBuilder;
import io.fdnetty.examples.server.EchoHandler;
import io.fdnetty.examples.server.ListenAddress;
import io.fdnetty.examples.server.ServerCommand;
import io.fdnetty.move.MoveOptions;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The echo server of the chaos run, with a witness on every connection and a part of its own in the state. */
@Command(name = "chaos-server", hidden = true, description = "The server of chaos; of no use without it.")
public final class ChaosServerCommand extends ServerCommand {
    private static final int LENGTH_BYTES = 4;
    private static final int MAX_FRAME_BYTES = 1 << 20;
    private static final int STATE_BYTES = 300_000;

    /** The ByteCountCheck saves the account to which the FrameCounter adds. */
    private static final MoveOptions MOVES = MoveOptions.restored().stateless(FrameCounter.class);

    @Mixin
    @SuppressWarnings("NullAway.Init") // injected by picocli
    private ListenAddress address;

    @Option(names = "--orders", required = true, description = "Where its strikes are ordered.")
    @SuppressWarnings("NullAway.Init") // injected by picocli
    private Path orders;

    @Option(names = "--step", required = true, description = "The deadline of a step, in milliseconds.")
    private int stepMillis;

    @Option(names = "--plant", description = "A fault of its own.")
    private PlantedBug plant = PlantedBug.NONE;

    @Override
    protected String application() {
        return "chaos";
    }

    @Override
    protected void configure(UpgraderBuilder upgrades) {
        Strikes.listen(orders);
        Duration step = Duration.ofMillis(stepMillis);
        upgrades.stepTimeout(step).readyTimeout(step.multipliedBy(2)).state("pattern", new PatternSection());
    }

    @Override
    protected Channel bind(Upgrader upgrader, EventLoopGroup acceptors, EventLoopGroup workers) throws Exception {
        Vitals.watch();
        Channel listener = address.bind(new ServerBootstrap()
                .group(acceptors, workers)
                .channelFactory(upgrader.listener("chaos"))
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(upgrader.movable("chaos", new Connections(), MOVES)));
        Strikes.at("bind");
        return listener;
    }

    private final class Connections extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel connection) {
            track(connection);
            ByteAccount account = new ByteAccount();
            connection
                    .pipeline()
                    .addLast(
                            new ByteCountCheck(account, plant),
                            new LengthFieldBasedFrameDecoder(MAX_FRAME_BYTES, 0, LENGTH_BYTES),
                            new FrameCounter(account, plant),
                            new EchoHandler());
        }
    }

    /** Some state to take over, known byte for byte. */
    private static final class PatternSection implements StateSection {
        @Override
        public void save(OutputStream out) throws IOException {
            Strikes.at("state.save");
            out.write(pattern());
        }

        @Override
        public void load(int version, InputStream in) throws IOException {
            Strikes.at("state.load");
            if (!Arrays.equals(in.readAllBytes(), pattern())) {
                throw new IOException("the state is not the predecessor's");
            }
        }

        private static byte[] pattern() {
            byte[] bytes = new byte[STATE_BYTES];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (i * 31 + (i >> 8));
            }
            return bytes;
        }
    }
}
