package io.fdnetty.internal.sys;

import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;

/**
 * Every system call that moves bytes and descriptors: the seam at which a test can play the kernel.
 *
 * <p>Thread-safe; the {@link ReceivedDescriptors} belong to the caller. Calls never block on a non-blocking socket. A
 * result below zero is a negated {@link Errno}; EINTR is never returned. Nothing here takes ownership of a descriptor
 * that it is given.
 *
 * <p>Source: sendmsg(2), recvmsg(2), unix(7).
 */
public interface Kernel {
    /** A short name for logs. */
    String name();

    /** How many descriptors one message can carry. */
    int descriptorsPerMessage();

    /**
     * True if {@link #receive} also receives descriptors, so that it may be asked for more bytes than a frame still
     * has.
     */
    boolean readsAhead();

    /** Writes bytes. Returns how many were taken, or a negated errno. */
    int send(Socket socket, long address, int length);

    /**
     * Writes bytes that are scattered in memory.
     *
     * @param vector address of {@code count} structs iovec, which hold {@code bytes} bytes
     * @return how many bytes were taken, or a negated errno
     */
    long send(Socket socket, long vector, int count, long bytes);

    /**
     * Writes one byte that carries descriptors; the byte has no meaning.
     *
     * @param descriptors of which the first {@code count}, at most {@link #descriptorsPerMessage}, are sent
     * @return 1, or a negated errno and then nothing was sent
     */
    int sendDescriptors(Socket socket, int[] descriptors, int count);

    /**
     * Reads bytes, and the descriptors that come with them if this kernel {@linkplain #readsAhead reads ahead}.
     *
     * @param into is overwritten; the caller owns the descriptors in it
     * @return how many bytes were read, 0 at the end of the stream, or a negated errno
     */
    int receive(Socket socket, long address, int length, ReceivedDescriptors into);

    /**
     * Reads one byte that carries one descriptor, and drops the byte.
     *
     * @param into is overwritten; the caller owns the descriptor in it. It is {@link ReceivedDescriptors#truncated} if
     *     the kernel dropped it
     * @return 1, 0 at the end of the stream, or a negated errno
     */
    int receiveDescriptor(Socket socket, ReceivedDescriptors into);

    /** Sets O_NONBLOCK on the open file description, which every process that holds it shares. */
    void makeNonBlocking(FileDescriptor fd) throws IOException;

    /** Makes the descriptor close when this process executes another program, where this kernel can. */
    void closeOnExec(FileDescriptor fd) throws IOException;
}
