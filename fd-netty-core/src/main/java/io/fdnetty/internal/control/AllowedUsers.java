package io.fdnetty.internal.control;

import io.fdnetty.internal.sys.Credentials;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which users may be at the other end of the control socket: this process's own, and those that the author names.
 *
 * <p>In a user namespace the kernel shows every user without a number there as the same one, 65534. A process that runs
 * as that number itself cannot tell its own user from them, so it trusts it only if the author names it. Immutable.
 * Source: user_namespaces(7) on unmapped user IDs.
 *
 * @param own this process's effective user
 * @param named those that the author allows besides
 * @param ambiguous whether others may be shown under the number of this process's user
 */
public record AllowedUsers(int own, Set<Integer> named, boolean ambiguous) {
    public static AllowedUsers of(int own, Set<Integer> named) {
        return new AllowedUsers(own, named, Credentials.standsForOthers(own));
    }

    /** Why that user may not be there; null if it may. */
    @Nullable
    public String objection(int uid) {
        if (named.contains(uid) || (uid == own && !ambiguous)) {
            return null;
        }
        return uid == own
                ? "uid " + uid
                        + " may be anybody who has no number in this user namespace, and is trusted only if"
                        + " allowUser names it"
                : "uid " + uid + " may not take over, this process has uid " + own;
    }
}
