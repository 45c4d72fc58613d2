package io.fdnetty.channel;

import io.fdnetty.internal.sys.Kernel;
import io.fdnetty.internal.sys.ReceivedDescriptors;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A kernel that does what the test says, and then what the real one does. */
final class ScriptedKernel implements Kernel {
    private final Kernel real;
    private final Queue<Integer> sends = new ConcurrentLinkedQueue<>();
    private final Queue<Integer> descriptorSends = new ConcurrentLinkedQueue<>();
    private final Queue<Integer> receives = new ConcurrentLinkedQueue<>();
    final AtomicInteger calls = new AtomicInteger();
    final AtomicInteger truncate = new AtomicInteger();

    ScriptedKernel(Kernel real) {
        this.real = real;
    }

    /** The next plain writes: a negated errno, or the most bytes to take. */
    ScriptedKernel send(int... results) {
        return add(sends, results);
    }

    /** The next writes of descriptors: a negated errno. */
    ScriptedKernel sendDescriptors(int... results) {
        return add(descriptorSends, results);
    }

    /** The next reads: a negated errno, 0 for the end, or the most bytes to read. */
    ScriptedKernel receive(int... results) {
        return add(receives, results);
    }

    private ScriptedKernel add(Queue<Integer> script, int... results) {
        for (int result : results) {
            script.add(result);
        }
        return this;
    }

    @Override
    public String name() {
        return "scripted";
    }

    @Override
    public int descriptorsPerMessage() {
        return real.descriptorsPerMessage();
    }

    @Override
    public boolean readsAhead() {
        return real.readsAhead();
    }

    @Override
    public int send(Socket socket, long address, int length) {
        calls.incrementAndGet();
        Integer next = sends.poll();
        if (next == null) {
            return real.send(socket, address, length);
        }
        return next < 0 ? next : real.send(socket, address, Math.min(next, length));
    }

    @Override
    public long send(Socket socket, long vector, int count, long bytes) {
        calls.incrementAndGet();
        Integer next = sends.poll();
        if (next == null) {
            return real.send(socket, vector, count, bytes);
        }
        return next < 0 ? next : real.send(socket, vector, 1, bytes);
    }

    @Override
    public int sendDescriptors(Socket socket, int[] descriptors, int count) {
        calls.incrementAndGet();
        Integer next = descriptorSends.poll();
        return next == null ? real.sendDescriptors(socket, descriptors, count) : next;
    }

    @Override
    public int receive(Socket socket, long address, int length, ReceivedDescriptors into) {
        calls.incrementAndGet();
        into.clear();
        Integer next = receives.poll();
        if (next != null && next <= 0) {
            return next;
        }
        int read = real.receive(socket, address, next == null ? length : Math.min(next, length), into);
        if (truncate.get() > 0) {
            truncate.decrementAndGet();
            into.markTruncated();
        }
        return read;
    }

    @Override
    public int receiveDescriptor(Socket socket, ReceivedDescriptors into) {
        calls.incrementAndGet();
        return real.receiveDescriptor(socket, into);
    }

    @Override
    public void makeNonBlocking(FileDescriptor fd) throws IOException {
        real.makeNonBlocking(fd);
    }

    @Override
    public void closeOnExec(FileDescriptor fd) throws IOException {
        real.closeOnExec(fd);
    }
}
