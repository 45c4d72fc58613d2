package io.fdnetty.channel;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.SocketKind;
import io.fdnetty.internal.sys.Carrier;
import io.fdnetty.internal.sys.Errno;
import io.fdnetty.internal.sys.Kernel;
import io.netty.channel.AbstractServerChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A listening unix-domain socket whose children are {@link AncillarySocketChannel}s.
 *
 * <p>{@code bind} creates the path and fails if it exists. Nothing ever deletes it: another process may listen on the
 * same socket. An adopted listener accepts from its registration on, without bind.
 */
public final class AncillaryServerSocketChannel extends AbstractServerChannel implements UnixChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);
    /** What Netty's accept writes the peer's address into: a length and an IPv6 address with port and scope. */
    private static final int ADDRESS_BYTES = 26;

    private final Socket socket;
    private final Kernel kernel;
    private final AncillaryServerChannelConfig config;
    private final Readiness.Listener listener = new ReadinessListener();
    private final byte[] acceptedAddress = new byte[ADDRESS_BYTES];

    private volatile boolean listening;
    private volatile @Nullable SocketAddress local;
    private @Nullable Readiness readiness;
    private boolean readPending;
    private BooleanSupplier closeOne = () -> false;

    /** A channel to bind. Make the first one off the event loop: it loads the native library. */
    public AncillaryServerSocketChannel() {
        this(newSocket(), Carrier.kernel(), false);
    }

    private AncillaryServerSocketChannel(Socket socket, Kernel kernel, boolean listening) {
        this.socket = socket;
        this.kernel = kernel;
        this.listening = listening;
        config = new AncillaryServerChannelConfig(this, this::autoReadCleared);
        if (listening) {
            local = UnixPath.orNull(socket.localDomainSocketAddress());
        }
    }

    /**
     * A channel of a listening unix stream socket. Takes ownership; on failure the caller still owns it.
     *
     * @throws IllegalArgumentException if it is something else
     * @throws IOException if it cannot be made non-blocking
     */
    public static AncillaryServerSocketChannel adopt(Descriptor listener) throws IOException {
        SocketKind kind = listener.kind();
        if (kind != SocketKind.UNIX_LISTENER) {
            throw new IllegalArgumentException(listener + " is " + kind + ", not " + SocketKind.UNIX_LISTENER);
        }
        Kernel kernel = Carrier.kernel();
        listener.makeNonBlocking();
        return new AncillaryServerSocketChannel(new Socket(listener.take().intValue()), kernel, true);
    }

    /**
     * Says who is asked when a connection waits and no descriptor is left for it. Call it before the channel is
     * registered.
     *
     * @param closesOne closes a descriptor, on the event loop, and returns true; or returns false, and the connection
     *     waits on
     */
    public void whenOutOfDescriptors(BooleanSupplier closesOne) {
        closeOne = closesOne;
    }

    private static Socket newSocket() {
        AncillarySocketChannel.ensureAvailability();
        return Socket.newSocketDomain();
    }

    @Override
    protected void doBind(SocketAddress address) throws Exception {
        UnixPath.bind(socket, (DomainSocketAddress) address);
        socket.listen(config.backlog());
        local = address;
        listening = true;
        updateInterest();
    }

    @Override
    protected void doBeginRead() {
        readPending = true;
        updateInterest();
    }

    private boolean wantsRead() {
        return listening && (readPending || config.isAutoRead());
    }

    private void autoReadCleared() {
        if (!isRegistered()) {
            return;
        }
        if (eventLoop().inEventLoop()) {
            stopReading();
        } else {
            eventLoop().execute(this::stopReading);
        }
    }

    private void stopReading() {
        readPending = false;
        updateInterest();
    }

    private void updateInterest() {
        if (readiness != null && listening) {
            readiness.interest(wantsRead(), false);
        }
    }

    private void accept() {
        boolean any = false;
        Throwable failure = null;
        try {
            for (int i = 0; i < METADATA.defaultMaxMessagesPerRead() && (i == 0 || config.isAutoRead()); i++) {
                int accepted = acceptOne();
                if (accepted < 0) {
                    break;
                }
                readPending = false;
                any = true;
                pipeline().fireChannelRead(new AncillarySocketChannel(this, new Socket(accepted), kernel, true));
            }
        } catch (IOException | RuntimeException e) {
            failure = e;
        }
        if (any) {
            pipeline().fireChannelReadComplete();
        }
        if (failure != null) {
            pipeline().fireExceptionCaught(failure);
        }
        updateInterest();
    }

    private int acceptOne() throws IOException {
        while (true) {
            try {
                return socket.accept(acceptedAddress);
            } catch (IOException e) {
                if (!Errno.isOutOfDescriptors(e) || !closeOne.getAsBoolean()) {
                    throw e;
                }
            }
        }
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return Readiness.supports(loop);
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        Readiness watch = Readiness.of(eventLoop(), listener);
        readiness = watch;
        watch.register().addListener(done -> {
            if (!done.isSuccess()) {
                promise.setFailure(done.cause());
            } else if (!isOpen()) {
                promise.setFailure(new ClosedChannelException());
            } else {
                updateInterest();
                promise.setSuccess();
            }
        });
    }

    @Override
    protected void doDeregister() {
        if (readiness != null) {
            readiness.cancel();
            readiness = null;
        }
    }

    @Override
    protected void doClose() throws Exception {
        listening = false;
        doDeregister();
        socket.close();
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public boolean isActive() {
        return listening;
    }

    @Override
    public @Nullable DomainSocketAddress localAddress() {
        return (DomainSocketAddress) super.localAddress();
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return local;
    }

    private final class ReadinessListener implements Readiness.Listener {
        @Override
        public FileDescriptor fd() {
            return socket;
        }

        @Override
        public void ready(boolean readable, boolean writable, boolean hangup) {
            if (hangup) {
                updateInterest();
            }
            if (readable && wantsRead()) {
                accept();
            }
        }

        @Override
        public void loopCloses() {
            unsafe().close(unsafe().voidPromise());
        }
    }
}
