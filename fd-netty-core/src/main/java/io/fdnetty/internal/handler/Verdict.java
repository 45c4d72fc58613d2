package io.fdnetty.internal.handler;

/** What a class of handlers means for a move of its connection; docs/handlers.md lists them. */
public enum Verdict {
    /** All it knows between two calls are bytes that it has not decoded yet, and these travel. */
    ANY_BYTE("moves at any byte"),
    /** It knows more within a message, and a few of its fields tell whether it is within one. */
    BETWEEN_MESSAGES("moves between messages"),
    /** What it knows cannot be taken out of it and is never over. */
    STAYS("stays"),
    /** It keeps nothing that a client would miss. */
    PLAIN("plain"),
    /** No verdict is built in: it moves while its fields are those of a fresh one. */
    COMPARED("compared");

    private final String text;

    Verdict(String text) {
        this.text = text;
    }

    /** As the documentation says it. */
    @Override
    public String toString() {
        return text;
    }
}
