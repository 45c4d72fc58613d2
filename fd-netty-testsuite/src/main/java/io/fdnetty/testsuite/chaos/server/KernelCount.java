package io.fdnetty.testsuite.chaos.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the kernel says about one TCP connection: the bytes that user space has taken out of the socket and put into it,
 * by whatever process. It holds while this process neither reads nor writes.
 *
 * <p>What waits unread the kernel tells when it is asked to map none of it; if that is a page or more, it does not.
 *
 * <pre>
 *   struct tcp_zerocopy_receive
 *   offset   0         8        12
 *   field    address   length   recv_skip_hint
 *            u64       u32      u32: what has to be read, since it cannot be mapped
 * </pre>
 *
 * @param read empty if too much waits to be told
 * @see <a href="https://man7.org/linux/man-pages/man7/tcp.7.html">tcp(7); TCP_ZEROCOPY_RECEIVE in linux/tcp.h</a>
 */
record KernelCount(OptionalLong read, long written) {
    private static final int IPPROTO_TCP = 6;
    private static final int OPTION = 35;
    private static final int HINT = 12;
    private static final int LENGTH = HINT + Integer.BYTES;
    private static final int TRIES = 10;

    private static final RawUnixChannelOption ZEROCOPY_RECEIVE =
            new RawUnixChannelOption("TCP_ZEROCOPY_RECEIVE", IPPROTO_TCP, OPTION, LENGTH);

    /** Asks the kernel; if something comes in between two questions it asks again. Empty if the connection is gone. */
    static Optional<KernelCount> of(Channel channel) {
        try {
            TcpInfo info = TcpInfo.of(channel);
            for (int i = 0; i < TRIES; i++) {
                OptionalLong unread = unread(channel);
                TcpInfo after = TcpInfo.of(channel);
                if (unread.isPresent() && info.data() == after.data()) {
                    return Optional.of(
                            new KernelCount(OptionalLong.of(info.data() - unread.getAsLong()), after.written()));
                }
                info = after;
            }
            return Optional.of(new KernelCount(OptionalLong.empty(), info.written()));
        } catch (ChannelException gone) {
            return Optional.empty();
        }
    }

    /** Without the end of the stream. Nothing before the end is not told either. */
    private static OptionalLong unread(Channel channel) {
        try {
            return OptionalLong.of(channel.config()
                    .getOption(ZEROCOPY_RECEIVE)
                    .order(ByteOrder.nativeOrder())
                    .getInt(HINT));
        } catch (ChannelException untold) {
            return OptionalLong.empty();
        }
    }

    /** Whether the counts are those of an account, as far as they are told. */
    boolean agrees(long accountedRead, long accountedWritten) {
        return written == accountedWritten && (read.isEmpty() || read.getAsLong() == accountedRead);
    }
}
