package io.fdnetty.internal.gate;

/**
 * What the handlers of one kind were seen to do that makes a count of messages and writes inconclusive. Set by any
 * event loop, never unset.
 */
public final class AnswerHabits {
    private volatile boolean unasked;
    private volatile boolean several;

    /** Something was written later than in {@code channelRead}, and no message waited for it. */
    void writesUnasked() {
        if (!unasked) {
            unasked = true;
        }
    }

    /** Several writes followed one message. */
    void writesSeveral() {
        if (!several) {
            several = true;
        }
    }

    /**
     * Whether an answer may be due although as many writes as messages were counted: an acknowledgement came first,
     * say.
     */
    boolean areUnasked() {
        return unasked;
    }

    /** Whether a write that came later may be one of several of one answer. */
    boolean areSeveral() {
        return several;
    }
}
