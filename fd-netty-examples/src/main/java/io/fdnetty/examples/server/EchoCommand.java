package io.fdnetty.examples.server;

import io.fdnetty.Upgrader;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The echo server: length-prefixed frames, each answered with itself, over connections that survive upgrades. */
@Command(
        name = "echo",
        description = {
            "An echo server whose connections survive upgrades.",
            "A frame is a 4-byte big-endian length (at most 16 MiB) and that many bytes; it is answered with itself.",
            "Started again with the same line, it takes over from the running one."
        })
public final class EchoCommand extends ServerCommand {
    private static final int LENGTH_BYTES = 4;
    private static final int MAX_FRAME_BYTES = LENGTH_BYTES + (16 << 20);

    @Mixin
    @SuppressWarnings("NullAway.Init") // injected by picocli
    private ListenAddress address;

    @Override
    protected String application() {
        return "echo";
    }

    @Override
    protected Channel bind(Upgrader upgrader, EventLoopGroup acceptors, EventLoopGroup workers)
            throws InterruptedException {
        return address.bind(new ServerBootstrap()
                .group(acceptors, workers)
                .channelFactory(upgrader.listener("echo"))
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(upgrader.movable("echo", new EchoInitializer())));
    }

    private final class EchoInitializer extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel connection) {
            track(connection);
            connection
                    .pipeline()
                    .addLast(new LengthFieldBasedFrameDecoder(MAX_FRAME_BYTES, 0, LENGTH_BYTES), new EchoHandler());
        }
    }
}
