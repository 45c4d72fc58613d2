package io.fdnetty;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveOptions;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.logging.ConsoleHandler;
import java.util.logging.Level;
import java.util.logging.Logger;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;

/**
 * Two generations of a server that is full of secrets, in one process that logs everything there is to log: an upgrade
 * that fails, one that succeeds, and hostile bytes in between. Its argument is a directory.
 */
final class SecretsMain {
    static final String SECRET = "hunter2-secret";
    private static final Logger LOGGER = Logger.getLogger("io");
    private static final byte[] HALF_A_FRAME = ("\0\0\7\0" + SECRET).getBytes(UTF_8);
    private static final int UNWRITTEN = 4 << 20;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Path socket;

    private SecretsMain(Path socket) {
        this.socket = socket;
    }

    public static void main(String[] args) throws Exception {
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
        ConsoleHandler everything = new ConsoleHandler();
        everything.setLevel(Level.ALL);
        LOGGER.setLevel(Level.ALL);
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(everything);
        Path directory = Path.of(args[0]);
        Path recorded = directory.resolve("jfr");
        try (Recording recording = new Recording()) {
            recording.enable("io.fdnetty.UpgradePhase");
            recording.start();
            new SecretsMain(directory.resolve("s")).run();
            recording.dump(recorded);
        }
        RecordingFile.readAllEvents(recorded).forEach(System.err::println);
        System.exit(0);
    }

    private void run() throws Exception {
        Vault vault = new Vault();
        Upgrader first = builder(vault).build();
        int port = bind(first);
        first.ready();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.getOutputStream().write("\0\0\0\1x".getBytes(UTF_8)); // answered with more than the socket takes
            client.getOutputStream().write(HALF_A_FRAME);
            client.getInputStream().read();
            hostile();
            Vault broken = new Vault();
            broken.fails = true;
            try (Upgrader unlucky = builder(broken).build()) {
                System.err.println("unexpected: generation " + unlucky.generation());
            } catch (UpgradeException expected) {
                StringWriter trace = new StringWriter();
                expected.printStackTrace(new PrintWriter(trace));
                System.err.println(trace);
            }
            Upgrader second = builder(new Vault()).build();
            bind(second);
            second.ready();
            System.err.println(first.handedOver().toCompletableFuture().get(20, TimeUnit.SECONDS));
            second.close();
        }
    }

    /** A HELLO that is none, full of a secret. */
    private void hostile() throws IOException {
        byte[] secret = SECRET.getBytes(UTF_8);
        try (SocketChannel peer = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            peer.connect(UnixDomainSocketAddress.of(socket));
            ByteBuffer frame = ByteBuffer.allocate(8 + 6 + secret.length)
                    .put((byte) 1)
                    .put((byte) 0)
                    .putShort((short) 0);
            frame.putInt(6 + secret.length)
                    .putShort((short) 1)
                    .putShort((short) 1)
                    .putShort((short) 255)
                    .put(secret);
            peer.write(frame.flip());
            ByteBuffer answer = ByteBuffer.allocate(4096);
            while (peer.read(answer) >= 0) {
                // Until the server has said why.
            }
            System.err.println(new String(answer.array(), UTF_8).trim());
        }
    }

    private UpgraderBuilder builder(Vault vault) {
        return Upgrader.builder(socket).name("vault").state("vault", vault).finalState("last", new Vault());
    }

    private int bind(Upgrader upgrader) throws InterruptedException {
        Channel listener = new ServerBootstrap()
                .group(group)
                .channelFactory(upgrader.listener("tcp"))
                .childOption(ChannelOption.SO_SNDBUF, 4096)
                .childHandler(upgrader.movable(
                        "tcp",
                        new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                channel.pipeline()
                                        .addLast(new LengthFieldBasedFrameDecoder(1 << 24, 0, 4), new Confidant());
                            }
                        },
                        MoveOptions.restored()))
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    private static final class Vault implements StateSection {
        private boolean fails;

        @Override
        public void save(OutputStream out) throws IOException {
            out.write(SECRET.getBytes(UTF_8));
        }

        @Override
        public void load(int version, InputStream in) throws IOException {
            in.readAllBytes();
            if (fails) {
                throw new IOException("the vault does not open");
            }
        }
    }

    private static final class Confidant extends SimpleChannelInboundHandler<ByteBuf> implements MovableHandler {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf frame) {
            byte[] secret = SECRET.getBytes(UTF_8);
            ByteBuf answer = Unpooled.buffer(UNWRITTEN);
            while (answer.writerIndex() < UNWRITTEN) {
                answer.writeBytes(secret);
            }
            ctx.writeAndFlush(answer);
        }

        @Override
        public int stateVersion() {
            return 1;
        }

        @Override
        public void saveState(ChannelHandlerContext ctx, ByteBuf out) {
            out.writeCharSequence(SECRET, UTF_8);
        }

        @Override
        public void restoreState(ChannelHandlerContext ctx, int version, ByteBuf in) {
            in.skipBytes(in.readableBytes());
        }
    }
}
