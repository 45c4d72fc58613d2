package io.fdnetty.examples.server;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.UpgradeException;
import io.fdnetty.UpgradeReport;
import io.fdnetty.UpgradeStep;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ServerEventsTest {
    @Test
    @Timeout(10)
    void aServerEndsWhenItsRoleIsTakenBack() {
        ServerEvents events = new ServerEvents(new PrintStream(new ByteArrayOutputStream()));
        CompletableFuture<UpgradeReport> handedOver = new CompletableFuture<>();
        UpgradeException takenBack = new UpgradeException(UpgradeStep.TAKEOVER, "the incumbent took it back");
        handedOver.completeExceptionally(takenBack);

        assertThatThrownBy(() -> events.awaitEnd(handedOver.minimalCompletionStage()))
                .isSameAs(takenBack);
    }
}
