package io.fdnetty.internal.sys;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.kqueue.KQueue;
import io.netty.util.Version;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Netty's native library, epoll's on Linux and kqueue's on macOS, which everything here stands on. */
public final class NativeLibrary {
    private static final String OTHER_DIRECTORY = "name another directory: -Dio.netty.native.workdir=DIR";

    private NativeLibrary() {}

    /** Why neither epoll nor kqueue can be used, with the {@link #advice} as its message; null if one can. */
    public static @Nullable Throwable unavailabilityCause() {
        if (Epoll.isAvailable() || KQueue.isAvailable()) {
            return null;
        }
        Error error = new UnsatisfiedLinkError(advice());
        return error.initCause(nettysCause());
    }

    private static @Nullable Throwable nettysCause() {
        return PlatformDependent.isOsx() ? KQueue.unavailabilityCause() : Epoll.unavailabilityCause();
    }

    /** What an author has to add where there is no library, or an operator to change where it cannot be loaded. */
    public static String advice() {
        Set<Throwable> all = new LinkedHashSet<>();
        collect(nettysCause(), all);
        return "neither epoll nor kqueue is available: "
                + all.stream()
                        .map(NativeLibrary::adviceOn)
                        .filter(advice -> !advice.isEmpty())
                        .findFirst()
                        .orElseGet(NativeLibrary::missingArtifact);
    }

    /**
     * Netty unpacks the library and hides deep within what it throws why that failed; empty if this is not the reason.
     */
    private static String adviceOn(Throwable thrown) {
        String directory = System.getProperty(
                "io.netty.native.workdir", PlatformDependent.tmpdir().toString());
        String message = String.valueOf(thrown.getMessage());
        if (thrown instanceof IOException && !message.startsWith("META-INF/native/")) {
            return "Netty's native library cannot be unpacked to " + directory + " (" + message
                    + "): make it writable, make room, or " + OTHER_DIRECTORY;
        }
        if (thrown instanceof UnsatisfiedLinkError && message.contains("failed to map segment")) {
            return "Netty's native library cannot be loaded from " + directory + ", which seems to be mounted noexec ("
                    + message + "): " + OTHER_DIRECTORY;
        }
        return "";
    }

    private static String missingArtifact() {
        Version netty = Version.identify().get("netty-transport");
        return "add io.netty:netty-transport-native-"
                + (PlatformDependent.isOsx() ? "kqueue" : "epoll")
                + ':' + (netty == null ? "VERSION" : netty.artifactVersion()) + " with the classifier "
                + PlatformDependent.normalizedOs() + '-' + PlatformDependent.normalizedArch() + " to the class path";
    }

    private static void collect(@Nullable Throwable thrown, Set<Throwable> all) {
        if (thrown == null || !all.add(thrown)) {
            return;
        }
        collect(thrown.getCause(), all);
        for (Throwable suppressed : thrown.getSuppressed()) {
            collect(suppressed, all);
        }
    }

    /**
     * Loads it.
     *
     * @throws UnsatisfiedLinkError if it cannot be loaded, or there is none for this platform on the class path
     */
    public static void ensureAvailability() {
        Throwable cause = unavailabilityCause();
        if (cause != null) {
            throw (Error) cause;
        }
    }
}
