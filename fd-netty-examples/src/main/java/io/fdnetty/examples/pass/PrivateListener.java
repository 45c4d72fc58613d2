package io.fdnetty.examples.pass;

import io.fdnetty.channel.AncillaryServerSocketChannel;
import io.fdnetty.channel.AncillarySocketChannel;
import io.fdnetty.examples.ProgramException;
import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A Unix socket on which only this user's processes, and root's, can get something. Used by one thread. */
final class PrivateListener implements AutoCloseable {
    private static final int ROOT = 0;

    private final Path path;
    private final Channel listener;
    private final FirstPeer firstPeer;

    private PrivateListener(Path path, Channel listener, FirstPeer firstPeer) {
        this.path = path;
        this.listener = listener;
        this.firstPeer = firstPeer;
    }

    /** Listens; a socket file that a dead process left behind is replaced, one that is in use is not. */
    static PrivateListener open(Path path, EventLoopGroup loops) throws IOException, InterruptedException {
        removeStale(path);
        FirstPeer firstPeer = new FirstPeer();
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channel(AncillaryServerSocketChannel.class)
                .childHandler(firstPeer)
                .bind(new DomainSocketAddress(path.toFile()))
                .await();
        if (!bound.isSuccess()) {
            throw new ProgramException(
                    "cannot listen on " + path + ": " + bound.cause().getMessage(), bound.cause());
        }
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        firstPeer.onlyFor((int) Files.getAttribute(path, "unix:uid"));
        return new PrivateListener(path, bound.channel(), firstPeer);
    }

    private static void removeStale(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            throw new ProgramException(path + " is in use by another process: " + probe.isConnected());
        } catch (ConnectException e) {
            Files.delete(path);
        } catch (IOException e) {
            throw new ProgramException(path + " exists and is no socket; name another path", e);
        }
    }

    /** Waits for a peer, and returns when the kernel has everything. */
    void passToFirstPeer(List<Descriptor> descriptors, boolean oneByOne) throws InterruptedException, IOException {
        try {
            Channel peer = firstPeer.channel.get();
            List<Descriptors> messages = oneByOne
                    ? descriptors.stream().map(Descriptors::of).toList()
                    : List.of(Descriptors.of(descriptors));
            for (Descriptors message : messages) {
                ChannelFuture written = peer.writeAndFlush(message).await();
                if (!written.isSuccess()) {
                    throw new ProgramException(
                            "the peer did not take it: " + written.cause().getMessage(), written.cause());
                }
            }
            peer.close().await();
        } catch (ExecutionException e) {
            throw new IOException("no peer", e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close().awaitUninterruptibly();
        Files.deleteIfExists(path);
    }

    /** Keeps the first connection and closes the others. */
    @Sharable
    private static final class FirstPeer extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Channel> channel = new CompletableFuture<>();
        private final CompletableFuture<Integer> user = new CompletableFuture<>();

        /** Peers that came before the file was closed to other users wait until then. */
        void onlyFor(int uid) {
            user.complete(uid);
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            user.thenAcceptAsync(uid -> decide(ctx, uid), ctx.executor());
        }

        private void decide(ChannelHandlerContext ctx, int uid) {
            try {
                int peer = ((AncillarySocketChannel) ctx.channel())
                        .peerCredentials()
                        .uid();
                if ((peer == uid || peer == ROOT) && channel.complete(ctx.channel())) {
                    return;
                }
            } catch (IOException e) {
                ctx.fireExceptionCaught(e);
            }
            ctx.close();
        }
    }
}
