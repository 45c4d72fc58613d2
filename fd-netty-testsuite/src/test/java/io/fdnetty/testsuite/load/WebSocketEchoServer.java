package io.fdnetty.testsuite.load;

import io.fdnetty.UpgradeException;
import io.fdnetty.Upgrader;
import io.fdnetty.examples.NativeTransport;
import io.fdnetty.examples.server.ServerEvents;
import io.fdnetty.http.HttpBoundary;
import io.fdnetty.http.WebSocketBoundary;
import io.fdnetty.http.WebSocketReplay;
import io.fdnetty.move.MoveOptions;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/** Echoes WebSocket messages: with our handlers in its pipeline, or as a server that knows nothing of an upgrade. */
final class WebSocketEchoServer {
    static final String RESTORED = "restored";
    static final String REPLAYED = "replayed";
    private static final int MAX_MESSAGE = 1 << 20;

    private WebSocketEchoServer() {}

    /**
     * Runs the server.
     *
     * @param arguments the control socket, then {@link #RESTORED} or {@link #REPLAYED}
     */
    public static void main(String[] arguments) throws Exception {
        ServerEvents events = new ServerEvents(System.out);
        EventLoopGroup loops = NativeTransport.eventLoops("ws", 2);
        try (Upgrader upgrader = Upgrader.builder(Path.of(arguments[0]))
                .name("ws-echo")
                .listener(events)
                .build()) {
            Channel listener = bind(upgrader, loops, arguments[1].equals(RESTORED));
            events.listening(((InetSocketAddress) listener.localAddress()).getPort());
            upgrader.ready();
            events.awaitEnd(upgrader);
        } catch (UpgradeException e) {
            events.upgradeFailed(e.step(), String.valueOf(e.getMessage()));
            System.exit(1);
        }
        System.exit(0);
    }

    private static Channel bind(Upgrader upgrader, EventLoopGroup loops, boolean restored) throws InterruptedException {
        ChannelHandler child = restored
                ? upgrader.movable("ws", new Pipeline(true), MoveOptions.restored())
                : upgrader.movable(
                        "ws", new Pipeline(false), MoveOptions.restored().inFront(WebSocketReplay::new));
        return new ServerBootstrap()
                .group(loops)
                .channelFactory(upgrader.listener("ws"))
                .childHandler(child)
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
    }

    private static final class Pipeline extends ChannelInitializer<Channel> {
        private final boolean aware;

        Pipeline(boolean aware) {
            this.aware = aware;
        }

        @Override
        protected void initChannel(Channel connection) {
            ChannelPipeline pipeline = connection.pipeline();
            if (aware) {
                pipeline.addLast(new WebSocketBoundary(), new HttpServerCodec(), new HttpBoundary());
            } else {
                pipeline.addLast(new HttpServerCodec());
            }
            pipeline.addLast(
                    new HttpObjectAggregator(MAX_MESSAGE),
                    new WebSocketServerProtocolHandler("/echo"),
                    new WebSocketFrameAggregator(MAX_MESSAGE),
                    new Echo());
        }
    }

    private static final class Echo extends SimpleChannelInboundHandler<WebSocketFrame> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame message) {
            ctx.writeAndFlush(message.retain(), ctx.voidPromise());
        }
    }
}
