package io.fdnetty.internal.machine;

import io.fdnetty.internal.protocol.Message;
import java.util.Objects;

/**
 * What an incumbent asks of a successor.
 *
 * @param minVersion the oldest protocol version that it speaks
 * @param maxVersion the newest protocol version that it speaks
 * @param application the name that the successor must have as well
 * @param together whether all connections move together or not at all
 */
public record IncumbentTerms(int minVersion, int maxVersion, String application, boolean together) {
    public IncumbentTerms {
        Objects.requireNonNull(application, "application");
        if (minVersion < 1 || maxVersion < minVersion) {
            throw new IllegalArgumentException("versions " + minVersion + "–" + maxVersion);
        }
    }

    boolean hasCommonVersion(Message.Hello hello) {
        return Math.max(minVersion, hello.minVersion()) <= commonVersion(hello);
    }

    /** The newest version that both speak. */
    int commonVersion(Message.Hello hello) {
        return Math.min(maxVersion, hello.maxVersion());
    }
}
