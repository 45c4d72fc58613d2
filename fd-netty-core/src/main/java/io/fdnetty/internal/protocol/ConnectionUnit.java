package io.fdnetty.internal.protocol;

import static java.util.Objects.requireNonNull;

import io.netty.util.AbstractReferenceCounted;
import java.util.List;

/**
 * What moves together: one live connection, or several that are linked (a proxy's front and back), with its bytes and
 * its state.
 *
 * <p>Not thread-safe, but may be handed from thread to thread. When the last reference is released the buffers are
 * released and the owned descriptors that nobody took are closed; borrowed ones stay open.
 */
public final class ConnectionUnit extends AbstractReferenceCounted {
    private final long id;
    private final String kind;
    private final int version;
    private final long capturedAtMicros;
    private final List<ConnectionPart> parts;

    /**
     * Takes ownership of the parts.
     *
     * @param id names the unit within one upgrade; the incumbent gives it
     * @param kind what the author called this kind of connection
     * @param version the author's version of the kind
     * @param capturedAtMicros when it stopped being served, in microseconds since the epoch
     * @param parts one or more
     */
    public ConnectionUnit(long id, String kind, int version, long capturedAtMicros, List<ConnectionPart> parts) {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("unit " + id + " has no parts");
        }
        this.id = id;
        this.kind = requireNonNull(kind, "kind");
        this.version = version;
        this.capturedAtMicros = capturedAtMicros;
        this.parts = List.copyOf(parts);
    }

    /** Names the unit within one upgrade. */
    public long id() {
        return id;
    }

    /** What the author called this kind of connection. */
    public String kind() {
        return kind;
    }

    /** The author's version of the kind. */
    public int version() {
        return version;
    }

    /** When the unit stopped being served, in microseconds since the epoch. */
    public long capturedAtMicros() {
        return capturedAtMicros;
    }

    /** One or more; they move together or not at all. */
    public List<ConnectionPart> parts() {
        return parts;
    }

    /** How many of its descriptors the kernel dropped on the way; a unit that misses any must be rejected. */
    public int missingDescriptors() {
        return (int) parts.stream().filter(part -> !part.hasDescriptor()).count();
    }

    @Override
    protected void deallocate() {
        parts.forEach(ConnectionPart::release);
    }

    @Override
    public ConnectionUnit retain() {
        super.retain();
        return this;
    }

    @Override
    public ConnectionUnit touch(Object hint) {
        return this;
    }

    @Override
    public String toString() {
        return "unit " + id + " (" + kind + " v" + version + ", " + parts + ')';
    }
}
