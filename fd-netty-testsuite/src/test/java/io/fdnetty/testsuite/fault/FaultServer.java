package io.fdnetty.testsuite.fault;

import io.fdnetty.StateSection;
import io.fdnetty.UpgradeException;
import io.fdnetty.Upgrader;
import io.fdnetty.UpgraderBuilder;
import io.fdnetty.examples.NativeTransport;
import io.fdnetty.examples.server.ServerEvents;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.fdnetty.move.MoveOptions;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A server with everything that an author may have, for the faults of {@link Strike}: sections, final sections,
 * handlers with a state.
 *
 * <p>It answers each frame with its own process id, the number of the frame on its connection, and the frame itself, in
 * the form of {@link Answer}.
 */
final class FaultServer {
    private FaultServer() {}

    /**
     * Runs the server.
     *
     * @param arguments the control socket, the port, each wait of the protocol and that of the drain in milliseconds,
     *     and whether all move together
     */
    public static void main(String[] arguments) throws Exception {
        ServerEvents told = new ServerEvents(System.out);
        EventLoopGroup loops = NativeTransport.eventLoops("fault", 2);
        loops.forEach(Strike::mayStrike); // the last one, which is not the listener's
        try (Upgrader upgrader = builder(arguments).listener(told).build()) {
            Strike.author("bind");
            Channel listener = bind(upgrader, loops, Integer.parseInt(arguments[1]));
            told.listening(((InetSocketAddress) listener.localAddress()).getPort());
            Runtime.getRuntime().addShutdownHook(new Thread(upgrader::close));
            upgrader.ready();
            told.awaitEnd(upgrader);
        } catch (UpgradeException e) {
            told.upgradeFailed(e.step(), String.valueOf(e.getMessage()));
            System.exit(1);
        } catch (Throwable e) {
            e.printStackTrace();
            System.exit(1);
        }
        System.exit(0);
    }

    private static UpgraderBuilder builder(String[] arguments) {
        Duration wait = Duration.ofMillis(Long.parseLong(arguments[2]));
        UpgraderBuilder builder = Upgrader.builder(Path.of(arguments[0]))
                .name("fault")
                .readyTimeout(wait)
                .stepTimeout(wait)
                .drainTimeout(Duration.ofMillis(Long.parseLong(arguments[3])))
                .state("plain", new Section("Plain"))
                .finalState("last", new Section("Last"));
        return Boolean.parseBoolean(arguments[4]) ? builder.together() : builder;
    }

    private static Channel bind(Upgrader upgrader, EventLoopGroup loops, int port) throws InterruptedException {
        return new ServerBootstrap()
                .group(loops)
                .channelFactory(upgrader.listener("echo"))
                .childHandler(upgrader.movable("echo", new Pipeline(), MoveOptions.restored()))
                .bind(InetAddress.getLoopbackAddress(), port)
                .sync()
                .channel();
    }

    private static final class Pipeline extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel connection) {
            Strike.author("initialize");
            connection
                    .pipeline()
                    .addLast(
                            new LengthFieldBasedFrameDecoder(1 << 20, 0, Integer.BYTES, 0, Integer.BYTES),
                            new CountingEcho());
        }
    }

    /** Knows how many frames there were, in whatever process. */
    private static final class CountingEcho extends SimpleChannelInboundHandler<ByteBuf> implements MovableHandler {
        private long frames;

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf frame) {
            ctx.writeAndFlush(Answer.to(frame, frames++, ctx.alloc()), ctx.voidPromise());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }

        @Override
        public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
            if (frames > 0) { // the first connection is asked when it is new, for an explanation in the log
                Strike.author("mayMove");
            }
            return MoveDecision.yes();
        }

        @Override
        public int stateVersion() {
            return 1;
        }

        @Override
        public void saveState(ChannelHandlerContext ctx, ByteBuf out) {
            Strike.author("saveState");
            out.writeLong(frames);
        }

        @Override
        public void restoreState(ChannelHandlerContext ctx, int version, ByteBuf in) {
            Strike.author("restoreState");
            frames = in.readLong();
        }
    }

    private record Section(String name) implements StateSection {
        @Override
        public void save(OutputStream out) throws IOException {
            Strike.author("save" + name);
            new DataOutputStream(out).writeUTF(name);
        }

        @Override
        public void load(int version, InputStream in) throws IOException {
            Strike.author("load" + name);
            String saved = new DataInputStream(in).readUTF();
            if (!saved.equals(name)) {
                throw new IOException(saved + " instead of " + name);
            }
        }
    }
}
