package io.fdnetty.channel;

import io.fdnetty.fd.Descriptor;
import io.netty.channel.AbstractServerChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.SocketAddress;

/** Skeleton. */
@SuppressWarnings("DoNotCallSuggester")
public final class AncillaryServerSocketChannel extends AbstractServerChannel implements UnixChannel {
    public AncillaryServerSocketChannel() {}

    /** Takes ownership. */
    public static AncillaryServerSocketChannel adopt(Descriptor listener) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileDescriptor fd() {
        throw new UnsupportedOperationException();
    }

    @Override
    public ChannelConfig config() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOpen() {
        return false;
    }

    @Override
    public boolean isActive() {
        return false;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return false;
    }

    @Override
    protected SocketAddress localAddress0() {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void doBind(SocketAddress localAddress) {}

    @Override
    protected void doClose() {}

    @Override
    protected void doBeginRead() {}
}
