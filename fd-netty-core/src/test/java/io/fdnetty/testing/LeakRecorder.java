package io.fdnetty.testing;

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
 * Makes Netty's leak detectors, and keeps what they find instead of logging it.
 *
 * <p>Thread-safe. It must be installed before the first buffer is made, because a detector is made once for each class.
 */
final class LeakRecorder extends ResourceLeakDetectorFactory {
    private static final int ROUNDS = 3;
    private static final long REFERENCE_TIMEOUT_MILLIS = 2_000;

    private final Queue<RecordingDetector<?>> detectors = new ConcurrentLinkedQueue<>();
    private final Queue<String> leaks = new ConcurrentLinkedQueue<>();

    @Override
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int samplingInterval) {
        RecordingDetector<T> detector = new RecordingDetector<>(resource, samplingInterval, leaks);
        detectors.add(detector);
        return detector;
    }

    @Override
    @Deprecated
    @SuppressWarnings("InlineMeSuggester") // deprecated by Netty, abstract all the same
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
            Class<T> resource, int samplingInterval, long maxActive) {
        return newResourceLeakDetector(resource, samplingInterval);
    }

    /** Collects garbage, lets every detector look at it, and takes the leaks found since the last call. */
    List<String> takeLeaks() {
        for (int round = 0; round < ROUNDS; round++) {
            collectGarbage();
            detectors.forEach(RecordingDetector::poll);
        }
        List<String> taken = new ArrayList<>();
        for (String leak = leaks.poll(); leak != null; leak = leaks.poll()) {
            taken.add(leak);
        }
        return taken;
    }

    /** Returns once a fresh unreachable object has passed through the collector and its reference queue. */
    private static void collectGarbage() {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        WeakReference<Object> sentinel = new WeakReference<>(new Object(), queue);
        System.gc();
        try {
            queue.remove(REFERENCE_TIMEOUT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Reference.reachabilityFence(sentinel);
        }
    }

    private static final class RecordingDetector<T> extends ResourceLeakDetector<T> {
        private final Queue<String> leaks;

        @SuppressWarnings("deprecation") // its only other constructor is deprecated too
        RecordingDetector(Class<T> resource, int samplingInterval, Queue<String> leaks) {
            super(resource, samplingInterval);
            this.leaks = leaks;
        }

        /** A detector looks for leaks when it tracks a new object. */
        @SuppressWarnings("unchecked") // the object is only compared by identity
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
            leaks.add("LEAK: " + resourceType + records);
        }

        @Override
        protected void reportUntracedLeak(String resourceType) {
            leaks.add("LEAK: " + resourceType);
        }
    }
}
