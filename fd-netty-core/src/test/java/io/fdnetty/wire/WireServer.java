package io.fdnetty.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fdnetty.StateSection;
import io.fdnetty.UpgradeException;
import io.fdnetty.Upgrader;
import io.fdnetty.UpgraderBuilder;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveOptions;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A server whose upgrade is captured or replayed: one event loop, a TCP listener and a UDP socket, three state
 * sections, and connections that know their number. Frames of a 4-byte length are answered with themselves.
 */
final class WireServer implements AutoCloseable {
    private static final int KILLED = 9;
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    final Upgrader upgrader;
    private final WireScenario scenario;
    private final boolean successor;
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("wire", true), EpollIoHandler.newFactory());
    private final Map<Integer, Channel> byNumber = new ConcurrentHashMap<>();
    private final Channel listener;
    private final Channel udp;

    private WireServer(Upgrader upgrader, WireScenario scenario, boolean successor) throws InterruptedException {
        this.upgrader = upgrader;
        this.scenario = scenario;
        this.successor = successor;
        listener = new ServerBootstrap()
                .group(group)
                .channelFactory(upgrader.listener("tcp"))
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(upgrader.movable(
                        "tcp", new Pipeline(), MoveOptions.restored().oneWay()))
                .bind(ANY)
                .sync()
                .channel();
        udp = new Bootstrap()
                .group(group)
                .channelFactory(upgrader.datagram("udp"))
                .handler(new ChannelInboundHandlerAdapter())
                .bind(ANY)
                .sync()
                .channel();
    }

    private static UpgraderBuilder builder(Path socket, WireScenario scenario, boolean successor) {
        boolean stranger = successor && scenario == WireScenario.REFUSED;
        UpgraderBuilder builder = Upgrader.builder(socket)
                .name(stranger ? "other" : "wire")
                .version("1.0")
                .stepTimeout(Duration.ofSeconds(20))
                .state("config", new Section(3, true, scenario.configBytes(), false))
                .finalState("counters", new Section(2, true, 8, scenario == WireScenario.CALLED_OFF && !successor));
        if (!successor) {
            builder.state("cache", new Section(1, false, 20, false));
        }
        return scenario.together && !successor ? builder.together() : builder;
    }

    /** A server that is ready. @throws UpgradeException if it does not take over, as its scenario may want */
    static WireServer start(Path socket, WireScenario scenario, boolean successor) throws Exception {
        Upgrader upgrader = builder(socket, scenario, successor).build();
        WireServer server = new WireServer(upgrader, scenario, successor);
        try {
            if (successor && scenario == WireScenario.FAILED) {
                server.upgrader.refuse("not today");
            }
            server.upgrader.ready();
            return server;
        } catch (UpgradeException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    @Override
    public void close() {
        upgrader.close();
        listener.close().syncUninterruptibly();
        udp.close().syncUninterruptibly();
        group.shutdownGracefully(20, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }

    /**
     * A generation as a process of its own: control socket, scenario, and whether it is the successor. Ends with its
     * standard input, or when it has handed over.
     */
    public static void main(String[] args) throws Exception {
        try (WireServer server =
                start(Path.of(args[0]), WireScenario.valueOf(args[1]), Boolean.parseBoolean(args[2]))) {
            System.out.println(server.port());
            server.upgrader.handedOver().thenAccept(report -> System.exit(0));
            while (System.in.read() >= 0) {
                // Until whoever started this process closes the pipe.
            }
        }
        System.exit(0);
    }

    private record Section(int version, boolean required, int length, boolean fails) implements StateSection {
        @Override
        public void save(OutputStream out) throws IOException {
            if (fails) {
                throw new IOException("the counters are stuck");
            }
            byte[] bytes = new byte[length];
            for (int i = 0; i < length; i++) {
                bytes[i] = (byte) ('a' + i % 26);
            }
            out.write(bytes);
        }

        @Override
        public void load(int from, InputStream in) throws IOException {
            int read = in.readAllBytes().length;
            if (from != version || read != length) {
                throw new IOException("version " + from + ", " + read + " bytes");
            }
        }
    }

    private final class Pipeline extends ChannelInitializer<Channel> {
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new LengthFieldBasedFrameDecoder(1 << 16, 0, Integer.BYTES), new Numbered());
        }
    }

    private static ByteBuf frame(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return Unpooled.buffer().writeInt(bytes.length).writeBytes(bytes);
    }

    private final class Numbered extends SimpleChannelInboundHandler<ByteBuf> implements MovableHandler {
        private int number;
        private boolean restored;

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf frame) {
            String text = frame.toString(Integer.BYTES, frame.readableBytes() - Integer.BYTES, UTF_8);
            if (text.equals(WireClients.HOLD)) {
                ctx.write(frame("held"));
                byNumber.get(1).writeAndFlush(frame("it is held"));
                return;
            }
            if (text.startsWith(WireClients.HELLO)) {
                number = Integer.parseInt(text.substring(WireClients.HELLO.length()));
                byNumber.put(number, ctx.channel());
            }
            ctx.writeAndFlush(frame.retain());
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                if (number != WireClients.HALF_CLOSED) {
                    ctx.close();
                } else if (!restored) { // it is told again to a connection that arrived
                    ctx.writeAndFlush(frame("half"));
                }
            }
        }

        @Override
        public String stateName() {
            return "number";
        }

        @Override
        public int stateVersion() {
            return 1;
        }

        @Override
        public void saveState(ChannelHandlerContext ctx, ByteBuf out) {
            out.writeInt(number);
        }

        @Override
        public void restoreState(ChannelHandlerContext ctx, int version, ByteBuf in) {
            number = in.readInt();
            restored = true;
            if (successor && scenario == WireScenario.KILLED) {
                Runtime.getRuntime().halt(KILLED);
            }
            if (successor && scenario.rejects && number == WireClients.UNWELCOME) {
                throw new IllegalStateException("number " + number + " is not welcome");
            }
        }
    }
}
