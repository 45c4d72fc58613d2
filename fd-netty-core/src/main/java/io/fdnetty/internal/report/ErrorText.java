package io.fdnetty.internal.report;

import java.util.concurrent.CompletionException;

/** Turns what was thrown into one line for an operator. */
public final class ErrorText {
    private ErrorText() {}

    public static String of(Throwable thrown) {
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
