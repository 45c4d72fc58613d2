package io.fdnetty.channel;

import io.fdnetty.fd.Descriptors;
import io.netty.buffer.ByteBuf;
import io.netty.channel.MessageSizeEstimator;

/**
 * What a queued message costs: the kernel accounts 768 bytes for the smallest message, and each descriptor has its
 * handles in this process. So {@code isWritable()} warns of descriptors too.
 */
final class SentMessageSize implements MessageSizeEstimator, MessageSizeEstimator.Handle {
    static final SentMessageSize ESTIMATOR = new SentMessageSize();

    private static final int MESSAGE_BYTES = 768;
    private static final int DESCRIPTOR_BYTES = 64;

    private SentMessageSize() {}

    @Override
    public Handle newHandle() {
        return this;
    }

    @Override
    public int size(Object message) {
        if (message instanceof ByteBuf bytes) {
            return bytes.readableBytes();
        }
        int descriptors = message instanceof Descriptors many ? many.size() : 1;
        return MESSAGE_BYTES + descriptors * DESCRIPTOR_BYTES;
    }
}
