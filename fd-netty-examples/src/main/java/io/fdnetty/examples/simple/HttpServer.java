package io.fdnetty.examples.simple;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fdnetty.Upgrader;
import io.fdnetty.http.HttpBoundary;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.file.Path;

/**
 * An HTTP server whose keep-alive connections survive its upgrades, those of busy clients too: {@code HttpServer SOCKET
 * PORT}. All that it takes is {@link HttpBoundary} behind the codec.
 */
public final class HttpServer {
    private HttpServer() {}

    /** Serves until a successor has taken over. */
    public static void main(String[] args) {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(EpollIoHandler.newFactory());
        Upgrader upgrader = Upgrader.builder(Path.of(args[0])).name("http").buildOrExit();
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channelFactory(upgrader.listener("http"))
                .childHandler(upgrader.movable("http", new HttpInitializer()))
                .bind(Integer.parseInt(args[1]));
        upgrader.readyOrExit();
        System.out.println("serving " + bound.channel().localAddress());
        upgrader.handedOver().thenRun(loops::shutdownGracefully);
    }

    private static final class HttpInitializer extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel connection) {
            connection
                    .pipeline()
                    .addLast(
                            new HttpServerCodec(),
                            new HttpBoundary(), // knows when no request is under way
                            new HttpServerKeepAliveHandler(),
                            new HttpObjectAggregator(65536),
                            new HelloHandler());
        }
    }

    private static final class HelloHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            String text = "Hello from process " + ProcessHandle.current().pid() + "\n";
            ByteBuf body = Unpooled.copiedBuffer(text, UTF_8);
            FullHttpResponse answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body);
            HttpUtil.setContentLength(answer, body.readableBytes());
            ctx.writeAndFlush(answer);
        }
    }
}
