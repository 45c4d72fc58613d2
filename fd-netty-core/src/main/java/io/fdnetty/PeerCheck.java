package io.fdnetty;

import io.fdnetty.channel.AncillarySocketChannel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntPredicate;

/** In front of the successor's driver: lets the greeting begin only if a process of an allowed user listens. */
final class PeerCheck extends ChannelInboundHandlerAdapter {
    private final IntPredicate admitted;
    private final CompletableFuture<?> failed;

    /**
     * @param failed completed exceptionally if the peer is not allowed
     */
    PeerCheck(IntPredicate admitted, CompletableFuture<?> failed) {
        this.admitted = admitted;
        this.failed = failed;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        try {
            int uid = ((AncillarySocketChannel) ctx.channel()).peerCredentials().uid();
            if (admitted.test(uid)) {
                ctx.fireChannelActive();
                return;
            }
            failed.completeExceptionally(new UpgradeException(
                    "connect", "the process that listens there runs as uid " + uid + ", which is not trusted"));
        } catch (IOException e) {
            failed.completeExceptionally(new UpgradeException(
                    "connect", "the credentials of the process that listens there cannot be read", e));
        }
        ctx.close();
    }
}
