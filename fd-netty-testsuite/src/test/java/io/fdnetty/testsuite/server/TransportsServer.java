package io.fdnetty.testsuite.server;

import io.fdnetty.UpgradeException;
import io.fdnetty.Upgrader;
import io.fdnetty.examples.NativeTransport;
import io.fdnetty.examples.server.EchoHandler;
import io.fdnetty.examples.server.EventLine;
import io.fdnetty.examples.server.ServerEvents;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** One echo server on a unix domain listener, a UDP socket and any number of TCP listeners, for tests. */
final class TransportsServer {
    static final String UNIX = "local";
    static final String UDP = "udp";
    private static final int BACKLOG = Integer.getInteger("backlog", 128);
    private static final Duration DRAIN = Duration.ofSeconds(60);
    private static final SocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final EventLoopGroup loops = NativeTransport.eventLoops("transports", 2);
    private final Upgrader upgrader;
    private final String path;

    private TransportsServer(Upgrader upgrader, String path) {
        this.upgrader = upgrader;
        this.path = path;
    }

    /**
     * Runs the server.
     *
     * @param arguments the control socket, the path of the unix listener, then what to listen on: {@value #UNIX},
     *     {@value #UDP}, or any other name for a TCP listener
     */
    public static void main(String[] arguments) throws Exception {
        ServerEvents events = new ServerEvents(System.out);
        try (Upgrader upgrader = Upgrader.builder(Path.of(arguments[0]))
                .name("transports")
                .drainTimeout(DRAIN)
                .listener(events)
                .listener(new StateServer.Notes())
                .build()) {
            new TransportsServer(upgrader, arguments[1])
                    .listen(List.of(arguments).subList(2, arguments.length));
            upgrader.ready();
            events.awaitEnd(upgrader);
        } catch (UpgradeException e) {
            events.upgradeFailed(e.step(), e.getMessage());
            System.exit(1);
        }
        System.exit(0);
    }

    private void listen(List<String> names) throws InterruptedException {
        EventLine line =
                EventLine.of("listening").with("pid", ProcessHandle.current().pid());
        for (String name : names) {
            SocketAddress address = listen(name).localAddress();
            line = line.with(name, address instanceof InetSocketAddress ip ? ip.getPort() : address);
        }
        line.print(System.out);
    }

    private Channel listen(String name) throws InterruptedException {
        return switch (name) {
            case UNIX -> streams(name, upgrader.unixListener(name), new DomainSocketAddress(path));
            case UDP -> datagrams(name);
            default -> streams(name, upgrader.listener(name), ANY_PORT);
        };
    }

    private Channel streams(String name, ChannelFactory<ServerChannel> factory, SocketAddress address)
            throws InterruptedException {
        return new ServerBootstrap()
                .group(loops)
                .channelFactory(factory)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childHandler(upgrader.movable(name, new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel connection) {
                        connection
                                .pipeline()
                                .addLast(
                                        new LengthFieldBasedFrameDecoder(1 << 20, 0, Integer.BYTES), new EchoHandler());
                    }
                }))
                .bind(address)
                .sync()
                .channel();
    }

    private Channel datagrams(String name) throws InterruptedException {
        return new Bootstrap()
                .group(loops)
                .channelFactory(upgrader.datagram(name))
                .handler(new SimpleChannelInboundHandler<DatagramPacket>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
                        ctx.writeAndFlush(new DatagramPacket(packet.content().retain(), packet.sender()));
                    }
                })
                .bind(ANY_PORT)
                .sync()
                .channel();
    }
}
