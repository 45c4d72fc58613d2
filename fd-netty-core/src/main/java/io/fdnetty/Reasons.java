package io.fdnetty;

import java.util.concurrent.CompletionException;

/** Turns what was thrown into one line for an operator. */
final class Reasons {
    private Reasons() {}

    static String of(Throwable thrown) {
        Throwable cause = thrown;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return message == null
                ? cause.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }
}
