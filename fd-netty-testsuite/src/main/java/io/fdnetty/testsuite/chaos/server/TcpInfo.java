package io.fdnetty.testsuite.chaos.server;

import io.netty.channel.Channel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The kernel's counters of one TCP socket, taken at one instant.
 *
 * <pre>
 *   offset   0       120           128               144           200          208
 *   field    state   bytes_acked   bytes_received    notsent       bytes_sent   bytes_retrans
 *            u8      u64           u64               u32           u64          u64
 * </pre>
 *
 * @param ended whether the peer has ended its output
 * @param received bytes in order, the end of the stream counting as one
 * @param written bytes that user space put into the socket
 * @see <a href="https://man7.org/linux/man-pages/man7/tcp.7.html">tcp(7), TCP_INFO; struct tcp_info in linux/tcp.h</a>
 */
record TcpInfo(boolean ended, long received, long written) {
    private static final int IPPROTO_TCP = 6;
    private static final int OPTION = 11;
    private static final int STATE = 0;
    private static final int RECEIVED = 128;
    private static final int NOT_SENT = 144;
    private static final int SENT = 200;
    private static final int SENT_AGAIN = 208;
    private static final int LENGTH = SENT_AGAIN + Long.BYTES;
    private static final int ESTABLISHED = 1;

    private static final RawUnixChannelOption TCP_INFO =
            new RawUnixChannelOption("TCP_INFO", IPPROTO_TCP, OPTION, LENGTH);

    /** The bytes that the peer has sent and the kernel has, without the end of the stream. */
    long data() {
        return ended ? received - 1 : received;
    }

    /** Asks the kernel; the channel may be registered or not, but is open. */
    static TcpInfo of(Channel channel) {
        ByteBuffer info = channel.config().getOption(TCP_INFO).order(ByteOrder.nativeOrder());
        return new TcpInfo(
                info.get(STATE) != ESTABLISHED,
                info.getLong(RECEIVED),
                info.getLong(SENT) - info.getLong(SENT_AGAIN) + Integer.toUnsignedLong(info.getInt(NOT_SENT)));
    }
}
