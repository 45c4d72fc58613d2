package io.fdnetty.internal.sys;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.kqueue.KQueue;
import io.netty.util.Version;
import io.netty.util.internal.PlatformDependent;
import org.jspecify.annotations.Nullable;

/** Netty's native library, epoll's on Linux and kqueue's on macOS, which everything here stands on. */
public final class NativeLibrary {
    private NativeLibrary() {}

    /** Why neither epoll nor kqueue can be used, or null if one can. */
    public static @Nullable Throwable unavailabilityCause() {
        if (Epoll.isAvailable() || KQueue.isAvailable()) {
            return null;
        }
        Throwable cause = Epoll.unavailabilityCause();
        cause.addSuppressed(KQueue.unavailabilityCause());
        return cause;
    }

    /** What an author has to add where there is none. */
    public static String advice() {
        boolean isMac = "osx".equals(PlatformDependent.normalizedOs());
        Version netty = Version.identify().get("netty-transport");
        return "neither epoll nor kqueue is available: add io.netty:netty-transport-native-"
                + (isMac ? "kqueue" : "epoll")
                + ':' + (netty == null ? "VERSION" : netty.artifactVersion()) + " with the classifier "
                + PlatformDependent.normalizedOs() + '-' + PlatformDependent.normalizedArch() + " to the class path";
    }

    /** Loads it. @throws UnsatisfiedLinkError if there is none for this platform on the class path */
    public static void ensureAvailability() {
        Throwable cause = unavailabilityCause();
        if (cause != null) {
            Error error = new UnsatisfiedLinkError(advice());
            throw (Error) error.initCause(cause);
        }
    }
}
