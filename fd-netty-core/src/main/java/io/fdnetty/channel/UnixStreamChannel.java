package io.fdnetty.channel;

import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;
import org.jspecify.annotations.Nullable;

/**
 * The state of a unix stream socket as Netty's channels show it: open, connected, shut down, and its addresses.
 *
 * <p>Written on the event loop, read by any thread. It owns the socket.
 */
abstract class UnixStreamChannel extends AbstractChannel implements DuplexChannel, UnixChannel {
    static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

    final Socket socket;
    volatile boolean connected;
    volatile boolean inputEnded;
    volatile boolean outputEnded;
    private volatile @Nullable SocketAddress local;
    private volatile @Nullable SocketAddress remote;

    UnixStreamChannel(@Nullable Channel parent, Socket socket, boolean connected) {
        super(parent);
        this.socket = socket;
        this.connected = connected;
        if (connected) {
            readAddresses();
        }
    }

    final void connectNow(SocketAddress address) throws IOException {
        if (connected) {
            throw new AlreadyConnectedException();
        }
        if (!socket.connect(address)) {
            throw new IOException("connecting to " + address + " is still pending");
        }
        connected = true;
        remote = address;
        readAddresses();
    }

    private void readAddresses() {
        if (local == null) {
            local = UnixPath.orNull(socket.localDomainSocketAddress());
        }
        if (remote == null) {
            remote = UnixPath.orNull(socket.remoteDomainSocketAddress());
        }
    }

    final void onLoop(Runnable task) {
        if (eventLoop().inEventLoop()) {
            task.run();
        } else {
            eventLoop().execute(task);
        }
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public boolean isActive() {
        return connected;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public @Nullable DomainSocketAddress localAddress() {
        return (DomainSocketAddress) super.localAddress();
    }

    @Override
    public @Nullable DomainSocketAddress remoteAddress() {
        return (DomainSocketAddress) super.remoteAddress();
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return local;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return remote;
    }

    @Override
    public boolean isInputShutdown() {
        return inputEnded;
    }

    @Override
    public boolean isOutputShutdown() {
        return outputEnded;
    }

    @Override
    public boolean isShutdown() {
        return inputEnded && outputEnded;
    }

    @Override
    public final ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    public final ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public final ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    @Override
    protected void doDisconnect() throws Exception {
        doClose();
    }

    @Override
    protected void doBind(SocketAddress address) throws Exception {
        UnixPath.bind(socket, (DomainSocketAddress) address);
        local = address;
    }
}
