package io.fdnetty.internal.protocol;

import static java.util.Objects.requireNonNull;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.SocketKind;

/**
 * A listening (or UDP) socket that is handed over.
 *
 * <p>Several may share a name (SO_REUSEPORT, one for each event loop). The descriptor belongs to the
 * {@link Message.Listeners} that lists it.
 *
 * @param name what the author called it, 1 to 255 bytes of UTF-8
 * @param kind what the sender says it is; the receiver asks the kernel
 * @param address where it listens, for people to read
 * @param descriptor the socket
 * @param role {@link #AUTHOR} or {@link #CONTROL}
 */
public record ListenerInfo(String name, SocketKind kind, String address, Descriptor descriptor, int role) {
    /** The role of a listener of the author's. */
    public static final int AUTHOR = 0;

    /** The role of the listener on which the next upgrade is asked for. */
    public static final int CONTROL = 1;

    public ListenerInfo {
        requireNonNull(name, "name");
        requireNonNull(kind, "kind");
        requireNonNull(address, "address");
        requireNonNull(descriptor, "descriptor");
    }
}
