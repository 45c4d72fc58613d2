package io.fdnetty.testsuite.server;

import io.fdnetty.channel.AncillaryServerSocketChannel;
import io.fdnetty.channel.Lifeline;
import io.fdnetty.examples.NativeTransport;
import io.fdnetty.examples.server.EchoHandler;
import io.fdnetty.examples.server.EventLine;
import io.fdnetty.examples.server.ServerEvents;
import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.SocketKind;
import io.fdnetty.internal.protocol.FrameDecoder;
import io.fdnetty.internal.protocol.FrameEncoder;
import io.fdnetty.internal.protocol.FrameLimits;
import io.fdnetty.internal.protocol.ListenerInfo;
import io.fdnetty.internal.protocol.Message;
import io.fdnetty.internal.protocol.MessageDecoder;
import io.fdnetty.internal.protocol.MessageEncoder;
import io.fdnetty.internal.protocol.ProtocolVersion;
import io.fdnetty.internal.protocol.SectionInfo;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.kqueue.KQueueServerSocketChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.zip.CRC32C;

/**
 * An incumbent that speaks the protocol of the hand-over up to a {@link Forgery}, for tests: what it hears afterwards
 * it tells.
 */
final class ForgedIncumbent extends SimpleChannelInboundHandler<Message> {
    static final String SECTION = "rooms";
    private static final int CHUNKS = 5;
    private static final int CHUNK = 60_000;
    private static final int DIED = 7;

    /** What is wrong with the state. */
    enum Forgery {
        NOTHING,
        /** One bit of one chunk is another than the checksum was made of. */
        FLIPPED_BIT,
        /** The end names another checksum. */
        CHECKSUM,
        /** The end names another length. */
        LENGTH,
        /** A chunk is missing in the middle. */
        LOST_CHUNK,
        /** Another message comes before the section ends. */
        BROKEN_OFF,
        /** The connection ends inside the section, and the life-line says that the incumbent serves on. */
        CUT_OFF,
        /** The connection ends inside the section, and the life-line stays silent. */
        CUT_OFF_IN_SILENCE,
        /** The process dies inside the section. */
        DEATH,
        /** The section comes after READY and its end names another checksum. */
        FINAL_CHECKSUM
    }

    private final Forgery forgery;
    private final Channel listener;
    private Lifeline.Holder lifeline;

    private ForgedIncumbent(Forgery forgery, Channel listener) {
        this.forgery = forgery;
        this.listener = listener;
    }

    /**
     * Runs until it is killed.
     *
     * @param arguments the control socket, the forgery
     */
    public static void main(String[] arguments) throws Exception {
        Forgery forgery = Forgery.valueOf(arguments[1]);
        EventLoopGroup loop = NativeTransport.eventLoops("forged", 1);
        Channel listener = listen(loop);
        new ServerBootstrap()
                .group(loop)
                .channel(AncillaryServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new FrameDecoder(FrameLimits.defaults()),
                                        new FrameEncoder(),
                                        new MessageDecoder(),
                                        new MessageEncoder(),
                                        new ForgedIncumbent(forgery, listener));
                    }
                })
                .bind(new DomainSocketAddress(arguments[0]))
                .sync();
        new ServerEvents(System.out).listening(((InetSocketAddress) listener.localAddress()).getPort());
        new CountDownLatch(1).await();
    }

    private static Channel listen(EventLoopGroup loop) throws InterruptedException {
        Class<? extends ServerSocketChannel> type =
                Epoll.isAvailable() ? EpollServerSocketChannel.class : KQueueServerSocketChannel.class;
        return new ServerBootstrap()
                .group(loop)
                .channel(type)
                .childHandler(new EchoHandler())
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, Message message) throws IOException {
        EventLine.of("heard").with("message", message).print(System.out);
        if (message instanceof Message.Hello) {
            welcome(ctx);
        } else if (message instanceof Message.Ready && forgery == Forgery.FINAL_CHECKSUM) {
            sendSection(ctx, true);
            ctx.writeAndFlush(new Message.Cutover());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        EventLine.of("closed").print(System.out);
    }

    private void welcome(ChannelHandlerContext ctx) throws IOException {
        Lifeline.Pair pair = Lifeline.open();
        lifeline = pair.holder();
        ctx.write(
                new Message.Welcome(ProtocolVersion.MAX, ProcessHandle.current().pid(), 1, 1, pair.readEnd()));
        ctx.write(new Message.Listeners(List.of(
                info("echo", SocketKind.TCP_LISTENER, listener, ListenerInfo.AUTHOR),
                info("control", SocketKind.UNIX_LISTENER, ctx.channel().parent(), ListenerInfo.CONTROL))));
        if (forgery == Forgery.FINAL_CHECKSUM) {
            ctx.writeAndFlush(new Message.Offer(0, false, List.of(new SectionInfo(SECTION, 1, true))));
        } else {
            sendSection(ctx, false);
            ctx.writeAndFlush(new Message.Offer(0, false, List.of()));
        }
    }

    private static ListenerInfo info(String name, SocketKind kind, Channel socket, int role) {
        Descriptor borrowed = Descriptor.borrow(((UnixChannel) socket).fd(), name);
        return new ListenerInfo(name, kind, String.valueOf(socket.localAddress()), borrowed, role);
    }

    private void sendSection(ChannelHandlerContext ctx, boolean finalState) throws IOException {
        ctx.write(new Message.StateBegin(SECTION, 1, finalState, true));
        CRC32C checksum = new CRC32C();
        for (int i = 0; i < CHUNKS; i++) {
            byte[] bytes = new byte[CHUNK];
            java.util.Arrays.fill(bytes, (byte) i);
            checksum.update(bytes);
            sendChunk(ctx, i, bytes);
        }
        boolean wrongChecksum = forgery == Forgery.CHECKSUM || forgery == Forgery.FINAL_CHECKSUM;
        int crc = (int) checksum.getValue() ^ (wrongChecksum ? 1 : 0);
        long length = (long) CHUNKS * CHUNK + (forgery == Forgery.LENGTH ? 1 : 0);
        if (forgery != Forgery.BROKEN_OFF) {
            ctx.write(new Message.StateEnd(length, crc));
        }
    }

    private void sendChunk(ChannelHandlerContext ctx, int number, byte[] bytes) throws IOException {
        if (number == CHUNKS / 2) {
            cut(ctx);
            if (forgery == Forgery.FLIPPED_BIT) {
                bytes[CHUNK / 2] ^= 0x10;
            }
            if (forgery == Forgery.LOST_CHUNK) {
                return;
            }
        }
        ByteBuf chunk = Unpooled.wrappedBuffer(bytes);
        ctx.write(new Message.StateChunk(chunk));
    }

    private void cut(ChannelHandlerContext ctx) throws IOException {
        switch (forgery) {
            case CUT_OFF -> {
                lifeline.takeBack();
                ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            }
            case CUT_OFF_IN_SILENCE ->
                ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            case DEATH ->
                ctx.writeAndFlush(Unpooled.EMPTY_BUFFER)
                        .addListener(written -> Runtime.getRuntime().halt(DIED));
            default -> {}
        }
    }
}
