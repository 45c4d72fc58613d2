package io.fdnetty.internal.control;

import io.fdnetty.channel.AncillaryServerSocketChannel;
import io.fdnetty.channel.AncillarySocketChannel;
import io.fdnetty.fd.Descriptor;
import io.fdnetty.internal.protocol.FrameDecoder;
import io.fdnetty.internal.protocol.FrameEncoder;
import io.fdnetty.internal.protocol.FrameLimits;
import io.fdnetty.internal.protocol.MessageDecoder;
import io.fdnetty.internal.protocol.MessageEncoder;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.ChannelGroupFuture;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Opens both ends of the control socket with the codec in their pipelines. Immutable; the futures complete on the
 * control loop.
 */
public final class ControlSocket {
    /** A unit has one descriptor for each connection in it, and a batch has at most 4096 units. */
    private static final int MAX_DESCRIPTORS = 16384;

    private final EventLoopGroup loop;
    private final FrameLimits limits;
    private final DescriptorReserve reserve;
    private final ChannelGroup connections;

    public ControlSocket(EventLoopGroup loop, int maxFrameBytes, DescriptorReserve reserve) {
        this.loop = loop;
        this.reserve = reserve;
        this.connections = new DefaultChannelGroup(loop.next());
        this.limits = new FrameLimits(maxFrameBytes, MAX_DESCRIPTORS);
    }

    /**
     * Connects to a predecessor.
     *
     * @param last adds the handlers behind the codec
     */
    public ChannelFuture connect(Path path, Consumer<Channel> last) {
        return new Bootstrap()
                .group(loop)
                .channel(AncillarySocketChannel.class)
                .handler(pipeline(last))
                .connect(new DomainSocketAddress(path.toFile()));
    }

    /** Listens at a path that does not exist. */
    public ChannelFuture listen(Path path, Supplier<ChannelHandler> last) {
        return new ServerBootstrap()
                .group(loop)
                .channelFactory(() -> withReserve(new AncillaryServerSocketChannel()))
                .childHandler(pipeline(channel -> channel.pipeline().addLast(last.get())))
                .bind(new DomainSocketAddress(path.toFile()));
    }

    /** Listens on an inherited socket, which this takes over. */
    public ChannelFuture listen(Descriptor inherited, Supplier<ChannelHandler> last) throws IOException {
        AncillaryServerSocketChannel listener = withReserve(AncillaryServerSocketChannel.adopt(inherited));
        return new ServerBootstrap()
                .group(loop)
                .channelFactory(() -> listener)
                .childHandler(pipeline(channel -> channel.pipeline().addLast(last.get())))
                .register();
    }

    private AncillaryServerSocketChannel withReserve(AncillaryServerSocketChannel listener) {
        listener.whenOutOfDescriptors(reserve::closeOne);
        return listener;
    }

    /** Closes every connection, but not the listener; done when all are closed. */
    ChannelGroupFuture closeConnections() {
        return connections.close();
    }

    private ChannelInitializer<Channel> pipeline(Consumer<Channel> last) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                connections.add(channel);
                channel.pipeline()
                        .addLast(
                                new FrameDecoder(limits),
                                new FrameEncoder(),
                                new MessageDecoder(),
                                new MessageEncoder());
                last.accept(channel);
            }
        };
    }
}
