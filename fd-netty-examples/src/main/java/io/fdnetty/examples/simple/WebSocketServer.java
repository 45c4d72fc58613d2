package io.fdnetty.examples.simple;

import io.fdnetty.Upgrader;
import io.fdnetty.http.HttpBoundary;
import io.fdnetty.http.WebSocketBoundary;
import io.fdnetty.move.MoveOptions;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.nio.file.Path;

/**
 * A WebSocket server whose sockets stay open when it is upgraded: {@code WebSocketServer SOCKET PORT}.
 * {@link WebSocketBoundary} stands in front; where a socket arrives it repeats the client's handshake to the handlers
 * behind it, so that they are those of the new version.
 */
public final class WebSocketServer {
    private static final int MAX_BYTES = 65536;

    private WebSocketServer() {}

    /** Serves until a successor has taken over. */
    public static void main(String[] args) {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(EpollIoHandler.newFactory());
        Upgrader upgrader = Upgrader.builder(Path.of(args[0])).name("websocket").buildOrExit();
        MoveOptions options = MoveOptions.restored() // the boundary keeps the handshake, which is a state
                .answersOnLoop(); // each message is answered before channelRead returns
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channelFactory(upgrader.listener("websocket"))
                .childHandler(upgrader.movable("websocket", new SocketInitializer(), options))
                .bind(Integer.parseInt(args[1]));
        upgrader.readyOrExit();
        System.out.println("serving " + bound.channel().localAddress());
        upgrader.handedOver().thenRun(loops::shutdownGracefully);
    }

    private static final class SocketInitializer extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel connection) {
            connection
                    .pipeline()
                    .addLast(
                            new WebSocketBoundary(MAX_BYTES),
                            new HttpServerCodec(),
                            new HttpBoundary(), // for connections that are no sockets yet
                            new HttpObjectAggregator(MAX_BYTES),
                            new WebSocketServerProtocolHandler("/", null, false, MAX_BYTES),
                            new WebSocketFrameAggregator(MAX_BYTES),
                            new MessageHandler());
        }
    }

    private static final class MessageHandler extends SimpleChannelInboundHandler<TextWebSocketFrame> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, TextWebSocketFrame message) {
            ctx.writeAndFlush(
                    new TextWebSocketFrame("process " + ProcessHandle.current().pid() + ": " + message.text()));
        }
    }
}
