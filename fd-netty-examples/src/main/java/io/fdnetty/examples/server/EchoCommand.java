package io.fdnetty.examples.server;

import io.fdnetty.Upgrader;
import io.fdnetty.examples.Failures;
import io.fdnetty.examples.ProgramException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.net.InetSocketAddress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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

    @Spec
    @SuppressWarnings("NullAway.Init") // injected by picocli
    private CommandSpec spec;

    private int port;

    @Option(
            names = "--port",
            required = true,
            paramLabel = "PORT",
            description = "The TCP port; 0 lets the kernel choose, and a successor keeps what it chose.")
    void setPort(int wanted) {
        if (wanted < 0 || wanted > 65_535) {
            throw new ParameterException(spec.commandLine(), "--port must be between 0 and 65535, not " + wanted);
        }
        port = wanted;
    }

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "The address to listen on (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // injected by picocli
    private String host;

    @Override
    protected String application() {
        return "echo";
    }

    @Override
    protected Channel bind(Upgrader upgrader, EventLoopGroup acceptors, EventLoopGroup workers)
            throws InterruptedException {
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new ProgramException("cannot listen on " + host + ": there is no such host");
        }
        ChannelFuture bound = new ServerBootstrap()
                .group(acceptors, workers)
                .channelFactory(upgrader.listener("echo"))
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(upgrader.movable("echo", new EchoInitializer()))
                .bind(address)
                .await();
        if (!bound.isSuccess()) {
            throw new ProgramException(
                    "cannot listen on " + host + ":" + port + ": " + Failures.describe(bound.cause()), bound.cause());
        }
        return bound.channel();
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
