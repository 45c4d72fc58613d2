package io.fdnetty.internal.sys;

import io.netty.util.internal.SystemPropertyUtil;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;

/**
 * Chooses the {@link Kernel} of this process, once.
 *
 * <p>The system property {@value #PROPERTY} is {@code auto} (foreign calls where they work), {@code foreign} (or fail)
 * or {@code netty}. Linking costs up to 0.1 s: make the first call at start-up, off the event loop.
 */
public final class Carrier {
    public static final String PROPERTY = "io.fdnetty.carrier";

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(Carrier.class);

    private Carrier() {}

    /** The kernel that the channels of this process use. */
    public static Kernel kernel() {
        return Chosen.KERNEL;
    }

    /**
     * The kernel for a value of the property; the tests compare both.
     *
     * @throws IllegalStateException if foreign calls are demanded and cannot be made here
     */
    public static Kernel choose(String wanted) {
        NativeLibrary.ensureAvailability();
        return switch (wanted) {
            case "netty" -> new NettyKernel();
            case "foreign" -> foreign();
            case "auto" -> auto();
            default -> throw new IllegalStateException(PROPERTY + "=" + wanted + ": must be auto, foreign or netty");
        };
    }

    private static Kernel foreign() {
        Throwable cause = ForeignCalls.unavailabilityCause();
        if (cause != null) {
            throw new IllegalStateException(PROPERTY + "=foreign cannot be had here", cause);
        }
        return new ForeignKernel();
    }

    private static Kernel auto() {
        Throwable cause = ForeignCalls.unavailabilityCause();
        if (cause == null) {
            return new ForeignKernel();
        }
        logger.debug("one descriptor for each message: {}", cause.toString());
        return new NettyKernel();
    }

    private static final class Chosen {
        static final Kernel KERNEL = choose(SystemPropertyUtil.get(PROPERTY, "auto"));
    }
}
