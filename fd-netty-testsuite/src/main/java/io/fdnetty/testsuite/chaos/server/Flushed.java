package io.fdnetty.testsuite.chaos.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;

/** What is on its way out of a channel and not in its socket yet. Stateless; on the channel's event loop. */
final class Flushed {
    private Flushed() {}

    static long bytes(ChannelOutboundBuffer output) {
        long[] sum = {0};
        try {
            output.forEachFlushedMessage(message -> {
                sum[0] += ((ByteBuf) message).readableBytes();
                return true;
            });
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return sum[0];
    }
}
