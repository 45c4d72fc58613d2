package io.fdnetty.examples.proxy;

import io.fdnetty.Upgrader;
import io.fdnetty.examples.Failures;
import io.fdnetty.examples.ProgramException;
import io.fdnetty.examples.server.ServerCommand;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The reverse proxy: passes what its clients send to a backend, over connections that survive upgrades. */
@Command(
        name = "proxy",
        description = {
            "A reverse proxy whose connections survive upgrades.",
            "In tcp mode it passes raw bytes on, and a client's connection moves together with the one to the backend."
                    + " In http mode it speaks HTTP/1.1: connections move between two requests, and"
                    + " WebSockets at any time.",
            "Started again with the same line, or told by SIGHUP to do that itself, it takes over from the running one."
        })
public final class ProxyCommand extends ServerCommand {
    @Spec
    @SuppressWarnings("NullAway.Init") // injected by picocli
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // a required option
    private HostPort listen;

    @SuppressWarnings("NullAway.Init") // a required option
    private HostPort backend;

    private int timeoutSeconds;
    private int maxIdle;
    private int maxConnections;

    @Option(
            names = "--listen",
            required = true,
            paramLabel = "HOST:PORT",
            description = "Where clients connect; port 0 lets the kernel choose, and a successor keeps what it chose.")
    void setListen(String text) {
        listen = address("--listen", text);
    }

    @Option(
            names = "--backend",
            required = true,
            paramLabel = "HOST:PORT",
            description = "The server to pass everything to. The name is looked up at the start.")
    void setBackend(String text) {
        backend = address("--backend", text);
        if (backend.port() == 0) {
            throw new ParameterException(spec.commandLine(), "--backend needs the port of a server, not 0");
        }
    }

    @Option(
            names = "--mode",
            paramLabel = "tcp|http",
            defaultValue = "http",
            description = "What is passed on: raw bytes, or HTTP/1.1 requests (default: ${DEFAULT-VALUE}).")
    void setMode(String text) {
        mode = switch (text) {
            case "tcp" -> ProxyMode.TCP;
            case "http" -> ProxyMode.HTTP;
            default -> throw new ParameterException(spec.commandLine(), "--mode is tcp or http, not " + text);
        };
    }

    private ProxyMode mode = ProxyMode.HTTP;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "http mode: how long the backend, or a client in the middle of a request, may be silent"
                    + " (default: ${DEFAULT-VALUE}).")
    void setTimeout(int seconds) {
        timeoutSeconds = atLeastOne("--timeout", seconds);
    }

    @Option(
            names = "--max-idle",
            paramLabel = "COUNT",
            defaultValue = "32",
            description = "http mode: how many idle connections to the backend each event loop keeps"
                    + " (default: ${DEFAULT-VALUE}).")
    void setMaxIdle(int count) {
        if (count < 0) {
            throw new ParameterException(spec.commandLine(), "--max-idle must not be negative");
        }
        maxIdle = count;
    }

    @Option(
            names = "--max-connections",
            paramLabel = "COUNT",
            defaultValue = "10000",
            description = "How many clients at once; one more is turned away (default: ${DEFAULT-VALUE}).")
    void setMaxConnections(int count) {
        maxConnections = atLeastOne("--max-connections", count);
    }

    private int atLeastOne(String option, int value) {
        if (value < 1) {
            throw new ParameterException(spec.commandLine(), option + " must be at least 1");
        }
        return value;
    }

    private HostPort address(String option, String text) {
        try {
            return HostPort.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage(), e);
        }
    }

    @Override
    protected String application() {
        return "proxy";
    }

    @Override
    protected Channel bind(Upgrader upgrader, EventLoopGroup acceptors, EventLoopGroup workers)
            throws InterruptedException {
        InetSocketAddress address = resolved(listen, "listen on");
        ProxySettings settings = new ProxySettings(
                resolved(backend, "pass anything to"),
                backend.toString(),
                maxConnections,
                maxIdle,
                ProxySettings.Times.withSilence(Duration.ofSeconds(timeoutSeconds)));
        ChannelFuture bound = new ProxyServer(settings, mode, this::track)
                .bind(upgrader, acceptors, workers, address)
                .await();
        if (!bound.isSuccess()) {
            throw new ProgramException(
                    "cannot listen on " + listen + ": " + Failures.describe(bound.cause()), bound.cause());
        }
        return bound.channel();
    }

    private static InetSocketAddress resolved(HostPort where, String purpose) {
        InetSocketAddress address = where.resolve();
        if (address.isUnresolved()) {
            throw new ProgramException("cannot " + purpose + " " + where + ": there is no such host");
        }
        return address;
    }

    /** HTTP connections end after the exchange that is under way; raw bytes flow on until the drain deadline. */
    @Override
    protected void sayGoodbye(Channel connection) {
        connection.pipeline().fireUserEventTriggered(Goodbye.SAID);
    }
}
