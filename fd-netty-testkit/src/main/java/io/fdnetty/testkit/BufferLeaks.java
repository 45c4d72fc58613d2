package io.fdnetty.testkit;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What Netty's leak detectors have found since a moment. They must have been made here: after {@link #watch} was first
 * called, and where nobody has a factory of detectors of his own. Otherwise nothing is found; Netty logs what it finds
 * in any case.
 */
final class BufferLeaks {
    private static final int ROUNDS = 3;
    private static final long COLLECTION_MILLIS = 2_000;
    private static final Queue<Watching<?>> DETECTORS = new ConcurrentLinkedQueue<>();
    private static final Queue<String> FOUND = new ConcurrentLinkedQueue<>();

    static {
        String netty = ResourceLeakDetectorFactory.class.getName();
        if (ResourceLeakDetectorFactory.instance().getClass().getName().startsWith(netty)) {
            ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Factory());
        }
    }

    private BufferLeaks() {}

    static BufferLeaks watch() {
        FOUND.clear();
        return new BufferLeaks();
    }

    /** Throws an AssertionError with the records of what has leaked. */
    @SuppressWarnings("MethodMayBeStatic") // of the moment since when is looked
    void assertNothingLeaked() {
        if (ResourceLeakDetector.getLevel().compareTo(ResourceLeakDetector.Level.ADVANCED) < 0) {
            return;
        }
        for (int round = 0; round < ROUNDS && !DETECTORS.isEmpty(); round++) {
            collectGarbage();
            DETECTORS.forEach(Watching::poll);
        }
        List<String> leaks = new ArrayList<>();
        for (String leak = FOUND.poll(); leak != null; leak = FOUND.poll()) {
            leaks.add(leak);
        }
        if (!leaks.isEmpty()) {
            throw new AssertionError(leaks.size() + " buffers leaked:\n" + String.join("\n", leaks));
        }
    }

    /** Returns when an unreachable object has passed through the collector. */
    private static void collectGarbage() {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        WeakReference<Object> sentinel = new WeakReference<>(new Object(), queue);
        System.gc();
        try {
            queue.remove(COLLECTION_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Reference.reachabilityFence(sentinel);
        }
    }

    private static final class Factory extends ResourceLeakDetectorFactory {
        @Override
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int samplingInterval) {
            Watching<T> detector = new Watching<>(resource, samplingInterval);
            DETECTORS.add(detector);
            return detector;
        }

        @Override
        @Deprecated
        @SuppressWarnings("InlineMeSuggester") // deprecated by Netty, abstract all the same
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                Class<T> resource, int samplingInterval, long maxActive) {
            return newResourceLeakDetector(resource, samplingInterval);
        }
    }

    private static final class Watching<T> extends ResourceLeakDetector<T> {
        @SuppressWarnings("deprecation") // its only other constructor is deprecated too
        Watching(Class<T> resource, int samplingInterval) {
            super(resource, samplingInterval);
        }

        /** A detector looks for leaks when it tracks something. */
        @SuppressWarnings("unchecked") // what is tracked is only compared by identity
        void poll() {
            T object = (T) new Object();
            ResourceLeakTracker<T> tracker = track(object);
            if (tracker != null) {
                tracker.close(object);
            }
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resourceType, String records) {
            FOUND.add(resourceType + records);
            super.reportTracedLeak(resourceType, records);
        }

        @Override
        protected void reportUntracedLeak(String resourceType) {
            FOUND.add(resourceType);
            super.reportUntracedLeak(resourceType);
        }
    }
}
