package io.fdnetty.internal.gate;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/** Makes a held channel unwritable, so that whoever writes as long as it is writable stops. Event loop only. */
public final class Writability {
    /** One of the 31 bits that Netty leaves to users. */
    private static final int INDEX = 31;

    private Writability() {}

    public static void set(Channel channel, boolean writable) {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        if (buffer != null) {
            buffer.setUserDefinedWritability(INDEX, writable);
        }
    }
}
