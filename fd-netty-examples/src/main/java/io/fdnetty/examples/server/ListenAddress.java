package io.fdnetty.examples.server;

import io.fdnetty.examples.Failures;
import io.fdnetty.examples.ProgramException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.net.InetSocketAddress;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say where a server listens. */
public final class ListenAddress {
    @Spec(Spec.Target.MIXEE)
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

    /**
     * Looks the host up; may block.
     *
     * @throws ProgramException if there is no such host
     */
    public InetSocketAddress resolve() {
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new ProgramException("cannot listen on " + host + ": there is no such host");
        }
        return address;
    }

    /**
     * Binds a listener there; blocks.
     *
     * @throws ProgramException if that fails
     */
    public Channel bind(ServerBootstrap server) throws InterruptedException {
        ChannelFuture bound = server.bind(resolve()).await();
        if (!bound.isSuccess()) {
            throw new ProgramException(
                    "cannot listen on " + host + ":" + port + ": " + Failures.describe(bound.cause()), bound.cause());
        }
        return bound.channel();
    }
}
