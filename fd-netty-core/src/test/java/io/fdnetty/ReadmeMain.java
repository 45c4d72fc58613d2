package io.fdnetty;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What stands around the README's snippet, which {@link ReadmeTest} compiles into a class of its own. */
public final class ReadmeMain {
    private static final String BEFORE = """
            import io.fdnetty.Upgrader;
            import io.netty.bootstrap.ServerBootstrap;
            import io.netty.buffer.ByteBuf;
            import io.netty.channel.*;
            import io.netty.channel.epoll.EpollIoHandler;
            import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
            import java.net.InetSocketAddress;
            import java.nio.file.Path;

            public class Snippet {
                public static void main(String[] args) {
                    EventLoopGroup boss = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
                    EventLoopGroup workers = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
            """;
    private static final String AFTER = """
                }

                static void bound(ChannelFuture done) {
                    System.out.println(((InetSocketAddress) done.channel().localAddress()).getPort());
                }

                static class MyInitializer extends ChannelInitializer<Channel> {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(
                                new LengthFieldBasedFrameDecoder(1 << 20, 0, 4), new ChannelInboundHandlerAdapter() {
                                    @Override
                                    public void channelRead(ChannelHandlerContext ctx, Object message) {
                                        ctx.writeAndFlush(message);
                                    }
                                });
                    }
                }
            }
            """;

    private ReadmeMain() {}

    /** A program around the snippet, with the socket as its argument, on a port that the kernel chooses and it prints. */
    static String program(String snippet) {
        return BEFORE
                + snippet.replace("Path.of(\"/run/myapp/upgrade.sock\")", "Path.of(args[0])")
                        .replace(".bind(8080)", ".bind(0).addListener((ChannelFuture done) -> bound(done))")
                + AFTER;
    }

    /** The first Java block of the README. */
    static String snippet(String readme) {
        int begin = readme.indexOf("```java") + "```java".length();
        return readme.substring(begin, readme.indexOf("```", begin));
    }

    /** Builds an upgrader where something of Netty is missing. The argument is a socket; prints what comes of it. */
    public static void main(String[] args) {
        @Nullable Upgrader upgrader = null;
        try {
            upgrader = Upgrader.builder(Path.of(args[0])).build();
            System.out.println("built");
        } catch (UpgradeException e) {
            System.out.println(e.getMessage());
        }
        if (upgrader != null) {
            upgrader.close();
        }
    }
}
