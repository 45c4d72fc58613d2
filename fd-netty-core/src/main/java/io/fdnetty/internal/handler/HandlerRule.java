package io.fdnetty.internal.handler;

import java.util.List;

/**
 * What is known about one class of handlers.
 *
 * @param verdict of the class itself
 * @param known the verdict of the nearest superclass that has a built-in one, or its own; {@link Verdict#COMPARED} if
 *     none has
 * @param checks that a handler must pass, its superclasses' among them
 * @param own the classes from its own on up whose fields are compared with those of a fresh handler
 * @param replaying whether the state of the author's {@code ReplayingDecoder} is compared, too
 */
public record HandlerRule(
        Verdict verdict, Verdict known, List<FieldCheck> checks, List<Class<?>> own, boolean replaying) {

    /** Whether something in it is compared with a fresh one. */
    public boolean isCompared() {
        return !own.isEmpty() || replaying;
    }
}
