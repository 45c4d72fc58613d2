package io.fdnetty.fd;

import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Descriptors on their way through a pipeline: one message that closes what nobody took when it is released.
 *
 * <p>Not thread-safe apart from the reference count. The message owns the owned descriptors in it from the moment it is
 * made; {@link #take} and {@link #takeAll} hand them on. Writing it to a channel hands the message to the channel,
 * which releases it when it is sent and when it fails. Netty's leak detector watches it and names the descriptors.
 */
public final class Descriptors extends AbstractReferenceCounted implements Iterable<Descriptor> {
    private static final ResourceLeakDetector<Descriptors> LEAKS =
            ResourceLeakDetectorFactory.instance().newResourceLeakDetector(Descriptors.class);

    private final List<@Nullable Descriptor> untaken;
    private final @Nullable ResourceLeakTracker<Descriptors> leak;

    private Descriptors(List<@Nullable Descriptor> descriptors) {
        untaken = descriptors;
        leak = LEAKS.track(this);
        if (leak != null) {
            leak.record(descriptors.toString());
        }
    }

    /**
     * A message with these; on failure the caller still owns them.
     *
     * @throws IllegalArgumentException if one is spent
     */
    public static Descriptors of(Descriptor... descriptors) {
        return of(Arrays.asList(descriptors));
    }

    /**
     * A message with these; on failure the caller still owns them.
     *
     * @throws IllegalArgumentException if one is spent
     */
    public static Descriptors of(List<Descriptor> descriptors) {
        for (Descriptor descriptor : descriptors) {
            if (!descriptor.isOpen()) {
                throw new IllegalArgumentException(descriptor + " is not open");
            }
        }
        return new Descriptors(new ArrayList<>(descriptors));
    }

    /** How many this message was made with. */
    public int size() {
        return untaken.size();
    }

    /**
     * The i-th, still owned by this message.
     *
     * @throws IllegalStateException if it was taken
     */
    public Descriptor get(int i) {
        Descriptor descriptor = untaken.get(i);
        if (descriptor == null) {
            throw new IllegalStateException("descriptor " + i + " was taken");
        }
        return descriptor;
    }

    /**
     * The i-th; the caller owns it and {@link #release} leaves it alone. @throws IllegalStateException if it was taken
     */
    public Descriptor take(int i) {
        Descriptor descriptor = get(i);
        untaken.set(i, null);
        return descriptor;
    }

    /** Every one that was not taken; the caller owns them. The message must be released all the same. */
    public List<Descriptor> takeAll() {
        List<Descriptor> taken = remaining();
        Collections.fill(untaken, null);
        return taken;
    }

    /** Over those that were not taken; they stay owned by this message. */
    @Override
    public Iterator<Descriptor> iterator() {
        return Collections.unmodifiableList(remaining()).iterator();
    }

    private List<Descriptor> remaining() {
        List<Descriptor> remaining = new ArrayList<>(untaken.size());
        for (Descriptor descriptor : untaken) {
            if (descriptor != null) {
                remaining.add(descriptor);
            }
        }
        return remaining;
    }

    @Override
    protected void deallocate() {
        takeAll().forEach(Descriptor::close);
        if (leak != null) {
            leak.close(this);
        }
    }

    @Override
    public Descriptors touch(@Nullable Object hint) {
        if (leak != null) {
            leak.record(hint);
        }
        return this;
    }

    @Override
    public Descriptors touch() {
        return touch(null);
    }

    @Override
    public Descriptors retain() {
        super.retain();
        return this;
    }

    @Override
    public Descriptors retain(int increment) {
        super.retain(increment);
        return this;
    }

    @Override
    public String toString() {
        return "Descriptors" + untaken;
    }
}
