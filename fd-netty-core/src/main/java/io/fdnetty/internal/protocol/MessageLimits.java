package io.fdnetty.internal.protocol;

import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * The bounds of what a message may hold, checked before anything is allocated. Part of the protocol: both sides hold
 * them.
 */
public final class MessageLimits {
    /** Names of applications, listeners, sections, kinds, roles and states, in bytes of UTF-8. */
    public static final int NAME = 255;

    /** Reasons, addresses and versions, in bytes of UTF-8. */
    public static final int TEXT = 4096;

    /** The bytes of one state chunk. */
    public static final int CHUNK = 64 * 1024;

    /** The listeners in LISTENERS. */
    public static final int LISTENERS = 4096;

    /** The final sections in OFFER. */
    public static final int SECTIONS = 1024;

    /** The units in CONNECTIONS. */
    public static final int UNITS = 4096;

    /** The parts of one unit. */
    public static final int PARTS = 255;

    /** The handler states of one part. */
    public static final int STATES = 255;

    /** The ids in ADOPTED. */
    public static final int IDS = 65_535;

    /** The descriptors of a frame of CONNECTIONS. */
    static final int DESCRIPTORS = 4096;

    private MessageLimits() {}

    /** Why this cannot be a name; null if it can. */
    public static @Nullable String objectionToName(String name) {
        int bytes = ByteBufUtil.utf8Bytes(name);
        return bytes > NAME
                ? "the name \"" + name + "\" takes " + bytes + " bytes of UTF-8 (at most " + NAME + ')'
                : null;
    }

    /**
     * Returns the name.
     *
     * @throws IllegalArgumentException if it is empty or too long to be sent
     */
    public static String checkName(String name) {
        String objection = name.isEmpty() ? "a name is empty" : objectionToName(name);
        if (objection != null) {
            throw new IllegalArgumentException(objection);
        }
        return name;
    }
}
