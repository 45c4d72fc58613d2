package io.fdnetty.examples.simple;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fdnetty.Upgrader;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveOptions;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.nio.file.Path;

/**
 * A server that remembers something about each connection: {@code NumberedLines SOCKET PORT} asks for a name and
 * numbers the lines that follow. Its state moves along in a versioned format: the last release wrote the number alone.
 */
public final class NumberedLines {
    private NumberedLines() {}

    /** Serves until a successor has taken over. */
    public static void main(String[] args) {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(EpollIoHandler.newFactory());
        Upgrader upgrader = Upgrader.builder(Path.of(args[0])).name("lines").buildOrExit();
        MoveOptions options = MoveOptions.restored() // with states, and without a second channelActive
                .answersOnLoop(); // each line is answered before channelRead returns
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channelFactory(upgrader.listener("lines"))
                .childHandler(upgrader.movable("lines", new LinesInitializer(), options))
                .bind(Integer.parseInt(args[1]));
        upgrader.readyOrExit();
        System.out.println("serving " + bound.channel().localAddress());
        upgrader.handedOver().thenRun(loops::shutdownGracefully);
    }

    private static final class LinesInitializer extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel connection) {
            connection
                    .pipeline()
                    .addLast(
                            new LineBasedFrameDecoder(1024),
                            new StringDecoder(UTF_8),
                            new StringEncoder(UTF_8),
                            new Session());
        }
    }

    static final class Session extends SimpleChannelInboundHandler<String> implements MovableHandler {
        private String name = "";
        private long lines;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush("Your name?\n"); // once for a connection, not once for a process
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, String line) {
            if (name.isEmpty()) {
                name = line;
            } else {
                ctx.writeAndFlush(name + ", line " + ++lines + ": " + line + "\n");
            }
        }

        @Override
        public int stateVersion() {
            return 2;
        }

        @Override
        public int oldestStateVersion() {
            return 1;
        }

        @Override
        public void saveState(ChannelHandlerContext ctx, ByteBuf out) {
            out.writeLong(lines);
            out.writeCharSequence(name, UTF_8);
        }

        @Override
        public void restoreState(ChannelHandlerContext ctx, int version, ByteBuf in) {
            lines = in.readLong();
            name = version == 1 ? "you" : in.toString(UTF_8);
        }
    }
}
