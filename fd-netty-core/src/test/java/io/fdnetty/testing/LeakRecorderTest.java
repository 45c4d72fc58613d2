package io.fdnetty.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakTracker;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeakRecorderTest {
    private final LeakRecorder recorder = new LeakRecorder();
    private final ResourceLeakDetector<Object> detector = recorder.newResourceLeakDetector(Object.class, 1);

    @Test
    void anObjectThatIsDroppedIsALeak() {
        drop();

        List<String> leaks = recorder.takeLeaks();

        assertThat(leaks).singleElement().asString().startsWith("LEAK: Object");
        assertThat(recorder.takeLeaks()).isEmpty();
    }

    @Test
    void anObjectThatIsClosedIsNoLeak() {
        Object object = new Object();
        ResourceLeakTracker<Object> tracker = detector.track(object);

        assertThat(tracker).isNotNull();
        assertThat(tracker.close(object)).isTrue();

        assertThat(recorder.takeLeaks()).isEmpty();
    }

    private void drop() {
        assertThat(detector.track(new Object())).isNotNull();
    }
}
