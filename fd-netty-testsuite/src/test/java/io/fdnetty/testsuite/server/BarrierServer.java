package io.fdnetty.testsuite.server;

import io.fdnetty.UpgradeException;
import io.fdnetty.Upgrader;
import io.fdnetty.examples.NativeTransport;
import io.fdnetty.examples.process.OsSignal;
import io.fdnetty.examples.process.OwnCommand;
import io.fdnetty.examples.server.EchoHandler;
import io.fdnetty.examples.server.EventLine;
import io.fdnetty.examples.server.ServerEvents;
import io.fdnetty.examples.server.Successor;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The echo server for tests, which waits twice: before it looks for a predecessor, and before it says that it is ready.
 */
final class BarrierServer {
    private final ServerEvents events = new ServerEvents(System.out);

    /**
     * Runs the server.
     *
     * @param arguments the control socket, and the two pipes of which each lets it go on with a byte
     */
    public static void main(String[] arguments) throws Exception {
        System.exit(new BarrierServer().run(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2])));
    }

    private int run(Path socket, Path start, Path ready) throws Exception {
        EventLoopGroup loops = NativeTransport.eventLoops("barrier", 2);
        await("start", start);
        try (Upgrader upgrader =
                Upgrader.builder(socket).name("barrier").listener(events).build()) {
            Channel listener = bind(upgrader, loops);
            Successor successor = new Successor(upgrader, OwnCommand.remember()::again);
            OsSignal.handle("HUP", successor::start);
            events.listening(((InetSocketAddress) listener.localAddress()).getPort());
            await("ready", ready);
            upgrader.ready();
            events.awaitEnd(upgrader);
            return 0;
        } catch (UpgradeException e) {
            events.upgradeFailed(e.step(), e.getMessage());
            return 1;
        }
    }

    private static void await(String what, Path pipe) throws IOException {
        EventLine.of("waits").with("to", what).print(System.out);
        try (InputStream in = Files.newInputStream(pipe)) {
            if (in.read() < 0) {
                throw new IOException("nobody holds " + pipe + " open");
            }
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
}
