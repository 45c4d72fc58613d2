package io.fdnetty.channel;

/**
 * User event: the peer closed, died or shut its side down while this channel was not reading.
 *
 * <p>Fired once. What the peer had sent can still be read; the channel closes when it is read to its end.
 */
public enum PeerHangup {
    INSTANCE
}
