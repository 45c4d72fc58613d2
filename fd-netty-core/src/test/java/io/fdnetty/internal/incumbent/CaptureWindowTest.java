package io.fdnetty.internal.incumbent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CaptureWindowTest {
    private static final long FAST = 1_000_000;
    private static final long SLOW = 50_000_000;

    private final CaptureWindow pace = new CaptureWindow(100);

    @Test
    void beginsWithVeryFew() {
        assertThat(pace.room(0)).isEqualTo(2);
        assertThat(pace.room(2)).isZero();
    }

    @Test
    void growsToItsLeastHoweverSlowTheFirstOnesAre() {
        pace.acknowledged(2, SLOW);
        assertThat(pace.room(0)).isEqualTo(4);
        pace.acknowledged(4, SLOW);
        pace.acknowledged(8, SLOW);
        assertThat(pace.room(0)).isEqualTo(16);
        pace.acknowledged(16, SLOW);
        assertThat(pace.room(0)).isEqualTo(16);
    }

    @Test
    void growsWithEveryQuickAcknowledgementUpToItsLimit() {
        pace.acknowledged(14, FAST);
        pace.acknowledged(16, FAST);
        assertThat(pace.room(0)).isEqualTo(32);
        pace.acknowledged(1000, FAST);
        assertThat(pace.room(0)).isEqualTo(100);
    }

    @Test
    void shrinksWithASlowOneButNeverStops() {
        pace.acknowledged(98, FAST);
        pace.acknowledged(1, SLOW);
        assertThat(pace.room(0)).isEqualTo(75);
        for (int i = 0; i < 20; i++) {
            pace.acknowledged(1, SLOW);
        }
        assertThat(pace.room(0)).isEqualTo(16);
    }

    @Test
    void waitsUntilTheRoomIsWorthABatch() {
        pace.acknowledged(14, FAST);
        assertThat(pace.room(13)).isZero();
        assertThat(pace.room(12)).isEqualTo(4);
    }
}
