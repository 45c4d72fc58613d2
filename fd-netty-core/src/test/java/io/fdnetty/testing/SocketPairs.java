package io.fdnetty.testing;

import io.fdnetty.internal.sys.NativeLibrary;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Sockets for tests, without paths. */
public final class SocketPairs {
    static {
        NativeLibrary.ensureAvailability();
    }

    private SocketPairs() {}

    /** An address that no other test has and that leaves no file behind. */
    public static DomainSocketAddress address() {
        return new DomainSocketAddress("\0fd-netty-test-" + UUID.randomUUID());
    }

    /** Two connected, non-blocking unix stream sockets. */
    public static Socket[] unix() throws IOException {
        DomainSocketAddress address = address();
        Socket listener = Socket.newSocketDomain();
        try {
            listener.bind(address);
            listener.listen(1);
            Socket one = Socket.newSocketDomain();
            one.connect(address);
            return new Socket[] {one, new Socket(listener.accept(new byte[26]))};
        } finally {
            listener.close();
        }
    }

    /** The read ends of as many pipes; the i-th pipe holds the number i in four bytes. */
    public static List<FileDescriptor> numberedPipes(int count) throws IOException {
        List<FileDescriptor> readEnds = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            FileDescriptor[] pipe = FileDescriptor.pipe();
            ByteBuffer number = ByteBuffer.allocateDirect(4).putInt(0, i);
            pipe[1].write(number, 0, 4);
            pipe[1].close();
            readEnds.add(pipe[0]);
        }
        return readEnds;
    }

    /** The number in a pipe of {@link #numberedPipes}. */
    public static int number(FileDescriptor readEnd) throws IOException {
        ByteBuffer number = ByteBuffer.allocateDirect(4);
        if (readEnd.read(number, 0, 4) != 4) {
            throw new IOException("no number in " + readEnd);
        }
        return number.getInt(0);
    }
}
