package io.fdnetty.internal.control;

import io.fdnetty.UpgradeException;
import io.fdnetty.UpgradeStep;
import io.fdnetty.channel.AncillarySocketChannel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** In front of the successor's driver: lets the greeting begin only if a process of an allowed user listens. */
public final class PeerCheck extends ChannelInboundHandlerAdapter {
    private final IntFunction<@Nullable String> objections;
    private final CompletableFuture<?> failed;

    /**
     * @param objections says why that user may not be there, null if it may
     * @param failed completed exceptionally if the peer is not allowed
     */
    public PeerCheck(IntFunction<@Nullable String> objections, CompletableFuture<?> failed) {
        this.objections = objections;
        this.failed = failed;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        try {
            int uid = ((AncillarySocketChannel) ctx.channel()).peerCredentials().uid();
            String objection = objections.apply(uid);
            if (objection == null) {
                ctx.fireChannelActive();
                return;
            }
            failed.completeExceptionally(new UpgradeException(
                    UpgradeStep.CONNECT, "the process that listens there is not trusted: " + objection));
        } catch (IOException e) {
            failed.completeExceptionally(new UpgradeException(
                    UpgradeStep.CONNECT, "the credentials of the process that listens there cannot be read", e));
        }
        ctx.close();
    }
}
