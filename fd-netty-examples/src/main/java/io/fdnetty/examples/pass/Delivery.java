package io.fdnetty.examples.pass;

import io.fdnetty.channel.AncillarySocketChannel;
import io.fdnetty.channel.DescriptorsTruncatedException;
import io.fdnetty.channel.ReadPlan;
import io.fdnetty.examples.ProgramException;
import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.ReferenceCountUtil;
import java.io.FileNotFoundException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Collects the descriptors that a peer passes; lives on the event loop of the connection. */
final class Delivery extends ChannelInboundHandlerAdapter {
    private final int wanted;
    private final List<Descriptor> received = new ArrayList<>();
    private final CompletableFuture<List<Descriptor>> complete = new CompletableFuture<>();

    private Delivery(int wanted) {
        this.wanted = wanted;
    }

    /**
     * Connects and takes descriptors, which the caller owns then. On failure none is left open.
     *
     * @param wanted how many, or 0 for those of the first message that has any
     */
    static List<Descriptor> take(Path socket, int wanted, EventLoopGroup loops) throws InterruptedException {
        Delivery delivery = new Delivery(wanted);
        ChannelFuture connected = new Bootstrap()
                .group(loops)
                .channel(AncillarySocketChannel.class)
                .handler(delivery.initializer())
                .connect(new DomainSocketAddress(socket.toFile()))
                .await();
        if (!connected.isSuccess()) {
            throw new ProgramException(
                    "cannot connect to " + socket + ": " + why(connected.cause()) + "; is a sender listening there?",
                    connected.cause());
        }
        try {
            return delivery.complete.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof ProgramException failure ? failure : e;
        } finally {
            connected.channel().close().await();
        }
    }

    private ChannelInitializer<Channel> initializer() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                AncillarySocketChannel connection = (AncillarySocketChannel) channel;
                connection.readPlan(() -> ReadPlan.DESCRIPTOR); // without frames, each byte may bring one
                connection.nameArrivals(index -> "received-" + (index + 1));
                connection.pipeline().addLast(Delivery.this);
            }
        };
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Descriptors descriptors && !complete.isDone()) {
            takeFrom(descriptors);
        }
        ReferenceCountUtil.release(message);
        if (!received.isEmpty() && received.size() >= wanted) {
            complete.complete(received);
        }
    }

    /** Takes as many as are wanted; the message closes the others. */
    private void takeFrom(Descriptors descriptors) {
        int takes = wanted == 0 ? descriptors.size() : Math.min(descriptors.size(), wanted - received.size());
        for (int i = 0; i < takes; i++) {
            received.add(descriptors.take(i));
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(
                cause instanceof DescriptorsTruncatedException
                        ? cause.getMessage()
                                + "; raise ulimit -n, and on Java before 22 let the peer send one in each message"
                        : String.valueOf(cause.getMessage()),
                cause);
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        String expected = wanted == 0 ? "any" : String.valueOf(wanted);
        fail("the peer closed the connection after " + received.size() + " descriptors, before " + expected, null);
    }

    private void fail(String reason, @Nullable Throwable cause) {
        if (complete.completeExceptionally(new ProgramException(reason, cause))) {
            received.forEach(Descriptor::close);
        }
    }

    private static String why(Throwable cause) {
        return cause instanceof FileNotFoundException ? "there is no such socket" : String.valueOf(cause.getMessage());
    }
}
