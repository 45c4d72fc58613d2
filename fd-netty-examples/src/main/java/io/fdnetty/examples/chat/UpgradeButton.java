package io.fdnetty.examples.chat;

import io.fdnetty.UpgradeException;
import io.fdnetty.UpgradeReport;
import io.fdnetty.UpgradeStep;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts a successor of this process when a page asks for it; one at a time. Thread-safe. */
final class UpgradeButton {
    private static final Logger logger = LoggerFactory.getLogger(UpgradeButton.class);

    private final Announcements announcements;
    private final @Nullable Supplier<CompletionStage<UpgradeReport>> successor;
    private final AtomicBoolean isPressed = new AtomicBoolean();

    /** @param successor starts one; null if pages may not ask for it */
    UpgradeButton(Announcements announcements, @Nullable Supplier<CompletionStage<UpgradeReport>> successor) {
        this.announcements = announcements;
        this.successor = successor;
    }

    /** All sockets hear how it goes. */
    void press() throws RefusedException {
        if (successor == null) {
            throw new RefusedException("This server is not upgraded from its page.");
        }
        if (!isPressed.compareAndSet(false, true)) {
            throw new RefusedException("An upgrade is under way.");
        }
        announcements.upgradeStarts();
        try {
            successor.get().whenComplete((report, failure) -> ended(failure));
        } catch (RuntimeException e) {
            ended(e);
        }
    }

    private void ended(@Nullable Throwable failure) {
        isPressed.set(false);
        if (failure != null) {
            tell(failure);
        }
    }

    private void tell(Throwable thrown) {
        Throwable failure =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        logger.warn("The upgrade that a page asked for failed: {}", failure.toString());
        UpgradeStep step = failure instanceof UpgradeException upgrade ? upgrade.step() : UpgradeStep.START;
        announcements.upgradeFailed(step, String.valueOf(failure.getMessage()));
    }
}
