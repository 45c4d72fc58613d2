package io.fdnetty.internal.sys;

import io.netty.channel.unix.Errors;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.util.internal.PlatformDependent;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;

/**
 * The error numbers that the library tells apart, and the one place where a number becomes an exception.
 *
 * <p>Stateless. All numbers are positive; a {@link Kernel} returns them negated. Source: errno(3).
 */
public final class Errno {
    private static final boolean LINUX = !PlatformDependent.isOsx();

    public static final int EINTR = 4;
    public static final int EPERM = 1;
    public static final int EBADF = 9;
    public static final int EFAULT = 14;
    public static final int EINVAL = 22;
    public static final int EAGAIN = -Errors.ERRNO_EAGAIN_NEGATIVE;
    public static final int EPIPE = -Errors.ERRNO_EPIPE_NEGATIVE;
    public static final int ECONNRESET = -Errors.ERRNO_ECONNRESET_NEGATIVE;
    public static final int ENOTCONN = -Errors.ERRNO_ENOTCONN_NEGATIVE;
    public static final int ENOENT = -Errors.ERRNO_ENOENT_NEGATIVE;
    public static final int EIO = 5;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int ENOMEM = 12;
    public static final int EMSGSIZE = LINUX ? 90 : 40;
    public static final int ENOBUFS = LINUX ? 105 : 55;
    public static final int ETOOMANYREFS = LINUX ? 109 : 59;

    private Errno() {}

    /**
     * The exception for a failed call.
     *
     * @param call the name of the system call
     * @param errno positive
     * @param values what it was called with, for the message
     * @throws AssertionError for EBADF and EFAULT: they are mistakes of this program, not conditions of the system
     */
    public static SystemCallException failure(String call, int errno, String values) {
        String message = call + "(" + values + ") failed: " + text(errno);
        if (errno == EBADF || errno == EFAULT) {
            throw new AssertionError(message);
        }
        return new SystemCallException(message, errno);
    }

    /** True if the other end is gone: it closed, died, or shut the socket down. */
    public static boolean isPeerGone(int errno) {
        return errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN;
    }

    /** The same for what Netty's own methods throw. */
    public static boolean isPeerGone(IOException thrown) {
        return isPeerGone(-negated(thrown));
    }

    /** True if the call may be repeated later although no readiness event will say when. */
    public static boolean isRetriedLater(int errno) {
        return errno == ETOOMANYREFS || errno == ENOBUFS || errno == ENOMEM;
    }

    /** True if the process, or the system, has as many descriptors open as it may. */
    public static boolean isOutOfDescriptors(IOException thrown) {
        int errno = -negated(thrown);
        return errno == EMFILE || errno == ENFILE;
    }

    /** What Netty's socket methods throw, as a negated errno. */
    static int negated(Exception thrown) {
        if (thrown instanceof NativeIoException named) {
            return named.expectedErr();
        }
        if (thrown instanceof NotYetConnectedException) {
            return -ENOTCONN;
        }
        if (thrown instanceof ClosedChannelException) {
            return -EBADF;
        }
        return thrown instanceof FileNotFoundException ? -ENOENT : -EIO;
    }

    private static String text(int errno) {
        IOException named = new NativeIoException("", -errno, false);
        String message = String.valueOf(named.getMessage());
        return message.substring(message.indexOf("error(") + "error(-".length()).replace("):", "");
    }
}
