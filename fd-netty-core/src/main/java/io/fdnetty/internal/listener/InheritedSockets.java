package io.fdnetty.internal.listener;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.SocketKind;
import io.fdnetty.internal.sys.OneLine;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The descriptors that came from the predecessor: inherited, then used, then closed at ready.
 *
 * <p>Thread-safe. The table owns every descriptor in it until {@link #claim} gives it away or {@link #closeUnclaimed}
 * closes it.
 */
public final class InheritedSockets {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(InheritedSockets.class);

    private final List<InheritedSocket> unclaimed = new ArrayList<>();
    private final List<String> givenUp = new ArrayList<>();
    private final List<DomainSocketAddress> abandoned = new ArrayList<>();

    /** An empty table: everything starts cold. */
    public InheritedSockets() {}

    /**
     * Adds a descriptor, under the kind that the kernel says it is: the announced kind is only compared, and a
     * difference logged.
     *
     * <p>Takes ownership of the descriptor, in every outcome.
     *
     * @param address what the predecessor says it is bound to, for messages
     */
    public void add(String name, SocketKind announced, String address, Descriptor descriptor) {
        SocketKind kind = descriptor.kind();
        if (kind != announced) {
            logger.warn("Inherited '{}' was announced as {} and is {}", OneLine.of(name), announced, kind);
        }
        synchronized (this) {
            unclaimed.add(new InheritedSocket(name, kind, address, descriptor));
        }
    }

    /**
     * Takes the first descriptor of this name and kind out of the table, in the order in which they were added.
     *
     * @return the descriptor, which the caller now owns; empty if none is left
     */
    public Optional<InheritedSocket> claim(String name, SocketKind kind) {
        return claim(inherited -> inherited.kind() == kind && inherited.name().equals(name));
    }

    synchronized Optional<InheritedSocket> claim(Predicate<InheritedSocket> wanted) {
        for (Iterator<InheritedSocket> i = unclaimed.iterator(); i.hasNext(); ) {
            InheritedSocket next = i.next();
            if (wanted.test(next)) {
                i.remove();
                return Optional.of(next);
            }
        }
        return Optional.empty();
    }

    /**
     * The name of what nobody has claimed and what is bound to the address, or to its port; empty if there is nothing.
     */
    synchronized Optional<String> nameAt(SocketKind kind, SocketAddress address) {
        return unclaimed.stream()
                .filter(inherited -> inherited.kind() == kind
                        && Addresses.collide(
                                address,
                                Addresses.local(kind, inherited.descriptor().peek())))
                .map(InheritedSocket::name)
                .findFirst();
    }

    /** Notes one that was claimed and closed again before it served: {@link #closeUnclaimed} names it too. */
    synchronized void giveUp(String label) {
        givenUp.add(label);
    }

    /**
     * Closes what nobody claimed; to be called when the successor is ready, after {@link Listeners#releaseAll}.
     *
     * @return a line for each descriptor that the new version does not serve: name, kind, address
     */
    public synchronized List<String> closeUnclaimed() {
        List<String> closed = new ArrayList<>(givenUp);
        for (InheritedSocket inherited : unclaimed) {
            closed.add(inherited.label());
            abandon(inherited);
            inherited.descriptor().close();
        }
        unclaimed.clear();
        givenUp.clear();
        return closed;
    }

    private void abandon(InheritedSocket inherited) {
        if (inherited.kind() == SocketKind.UNIX_LISTENER
                && Addresses.local(inherited.kind(), inherited.descriptor().peek()) instanceof DomainSocketAddress path
                && path.path().startsWith("/")) {
            abandoned.add(path);
        }
    }

    /**
     * Removes the files of the unix listeners that were closed unclaimed, as soon as nobody listens there any more; to
     * be called when this process is the server for good. Never blocks on a socket.
     *
     * @return false if somebody listens yet, the predecessor for a moment: call it again a little later
     */
    public synchronized boolean removeAbandoned() {
        abandoned.removeIf(InheritedSockets::isRemoved);
        return abandoned.isEmpty();
    }

    private static boolean isRemoved(DomainSocketAddress address) {
        try {
            UnixPaths.removeStale(address);
            return true;
        } catch (BindException inUse) {
            return false;
        } catch (IOException e) {
            logger.warn(
                    "The file of the unix listener {}, which is no longer wanted, stays: {}", address, e.toString());
            return true;
        }
    }
}
