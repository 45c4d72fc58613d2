package io.fdnetty.testing;

import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Fails the test class after which a leaked buffer is found, and the whole run for one that is found after the last
 * class.
 *
 * <p>Registered for every test by {@code META-INF/services} and {@code junit-platform.properties}. The leak may come
 * from an earlier class: its trace says where the buffer was last touched.
 */
public final class LeakExtension implements BeforeAllCallback, AfterAllCallback {
    private static final LeakRecorder RECORDER = new LeakRecorder();

    static {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(RECORDER);
    }

    /** Called by the service loader before any test class is initialised. */
    public LeakExtension() {}

    @Override
    public void beforeAll(ExtensionContext context) {
        AutoCloseable atEnd = () -> assertNoLeaks("the last test class");
        context.getRoot().getStore(Namespace.create(LeakExtension.class)).computeIfAbsent("atEnd", key -> atEnd);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        assertNoLeaks(context.getDisplayName());
    }

    private static void assertNoLeaks(String after) {
        List<String> leaks = RECORDER.takeLeaks();
        if (!leaks.isEmpty()) {
            throw new AssertionError(leaks.size() + " leaked after " + after + ":\n" + String.join("\n", leaks));
        }
    }
}
