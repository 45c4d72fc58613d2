package io.fdnetty.channel;

/**
 * Says how much may be read next, so that a carrier that cannot read ahead never reads over a descriptor.
 *
 * <p>Called on the channel's event loop before each read, after everything read before went through the pipeline. A
 * carrier that reads ahead does not ask. Without a plan everything is read as plain bytes.
 */
@FunctionalInterface
public interface ReadPlan {
    /** The next byte carries one descriptor. */
    int DESCRIPTOR = 0;

    /** How many plain bytes may be read now, above 0, or {@link #DESCRIPTOR}. */
    int nextBytes();
}
