package io.fdnetty.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StreamLedgerTest {
    private static final int CONNECTION = 7;

    private final StreamLedger ledger = new StreamLedger(CONNECTION);

    @Test
    void framesThatComeBackInOrderLeaveNothingToSay() {
        send(1_000);
        for (long sequence = 0; sequence < 1_000; sequence++) {
            ledger.receive(sequence, sequence);
        }

        assertThat(ledger.received()).isEqualTo(1_000);
        assertThat(ledger.inFlight()).isZero();
        assertThat(ledger.lostBytes() + ledger.doubledBytes() + ledger.reordered() + ledger.corrupt())
                .isZero();
    }

    @Test
    void whatDoesNotComeBackIsLost() {
        send(3);
        ledger.receive(0, 0);
        ledger.receive(2, 0);

        assertThat(ledger.lostBytes()).isEqualTo(NumberedFrame.size(CONNECTION, 1));
        assertThat(ledger.received()).isEqualTo(2);
    }

    @Test
    void whatIsStillAwaitedAtTheEndIsLost() {
        send(1);

        assertThat(ledger.lostBytes()).isEqualTo(NumberedFrame.size(CONNECTION, 0));
    }

    @Test
    void whatComesBackTwiceIsDoubled() {
        send(2);
        ledger.receive(0, 0);
        ledger.receive(0, 0);

        assertThat(ledger.doubledBytes()).isEqualTo(NumberedFrame.size(CONNECTION, 0));
        assertThat(ledger.inFlight()).isEqualTo(1);
    }

    @Test
    void whatComesBackAfterALaterOneIsReorderedAndNotLost() {
        send(2);
        ledger.receive(1, 0);
        ledger.receive(0, 0);

        assertThat(ledger.reordered()).isEqualTo(1);
        assertThat(ledger.lostBytes()).isZero();
    }

    @Test
    void whatWasNeverSentIsCorrupt() {
        send(1);
        ledger.receive(1, 0);

        assertThat(ledger.corrupt()).isEqualTo(1);
    }

    @Test
    void theLongestWaitIsThatOfAnEchoOrOfTheFrameThatStillWaits() {
        ledger.send(100);
        ledger.send(200);
        ledger.receive(0, 150);

        assertThat(ledger.takeLongestWait(220)).isEqualTo(50);
        assertThat(ledger.takeLongestWait(290)).isEqualTo(90);
    }

    private void send(int frames) {
        for (int i = 0; i < frames; i++) {
            ledger.send(i);
        }
    }
}
