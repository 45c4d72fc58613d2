package io.fdnetty.adoption;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.SocketKind;
import io.fdnetty.internal.sys.OneLine;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The descriptors that came from the predecessor: inherited, then used, then closed at ready.
 *
 * <p>Thread-safe. The table owns every descriptor in it until {@link #claim} gives it away or {@link #closeUnclaimed} closes it.
 */
public final class InheritedTable {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(InheritedTable.class);

    private final List<Inherited> unclaimed = new ArrayList<>();
    private final List<String> givenUp = new ArrayList<>();

    /** An empty table: everything starts cold. */
    public InheritedTable() {}

    /**
     * Adds a descriptor, under the kind that the kernel says it is: the announced kind is only compared, and a difference logged.
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
            unclaimed.add(new Inherited(name, kind, address, descriptor));
        }
    }

    /**
     * Takes the first descriptor of this name and kind out of the table, in the order in which they were added.
     *
     * @return the descriptor, which the caller now owns; empty if none is left
     */
    public Optional<Inherited> claim(String name, SocketKind kind) {
        return claim(inherited -> inherited.kind() == kind && inherited.name().equals(name));
    }

    synchronized Optional<Inherited> claim(Predicate<Inherited> wanted) {
        for (Iterator<Inherited> i = unclaimed.iterator(); i.hasNext(); ) {
            Inherited next = i.next();
            if (wanted.test(next)) {
                i.remove();
                return Optional.of(next);
            }
        }
        return Optional.empty();
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
        for (Inherited inherited : unclaimed) {
            closed.add(inherited.label());
            inherited.descriptor().close();
        }
        unclaimed.clear();
        givenUp.clear();
        return closed;
    }
}
