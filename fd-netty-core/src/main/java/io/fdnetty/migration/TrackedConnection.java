package io.fdnetty.migration;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The entry of one open connection in its registry. It costs an idle connection this object and a place in a set. */
final class TrackedConnection implements LiveConnection, ChannelFutureListener {
    private final long id;
    private final Channel channel;
    private final String listenerName;
    private final MovableInitializer initializer;
    private final boolean autoRead;
    /** The one under way; event loop only. */
    private @Nullable Capture capture;

    TrackedConnection(long id, Channel channel, String listenerName, MovableInitializer initializer) {
        this.id = id;
        this.channel = channel;
        this.listenerName = listenerName;
        this.initializer = initializer;
        this.autoRead = channel.config().isAutoRead();
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public String kind() {
        return initializer.kind();
    }

    @Override
    public Channel channel() {
        return channel;
    }

    MovableInitializer initializer() {
        return initializer;
    }

    /** The listener that accepted it; empty if it is none of ours. */
    String listenerName() {
        return listenerName;
    }

    /** As the author configured it for fresh connections. */
    boolean isAutoRead() {
        return autoRead;
    }

    @Override
    public void capture(CaptureListener listener) {
        if (channel.eventLoop().inEventLoop()) {
            captureNow(listener);
        } else {
            channel.eventLoop().execute(() -> captureNow(listener));
        }
    }

    private void captureNow(CaptureListener listener) {
        if (capture != null) {
            listener.notMovable(this, "it is being captured already");
        } else {
            capture = new Capture(this, listener);
            capture.begin();
        }
    }

    /** The capture is over, and another one may begin. */
    void captureEnded() {
        capture = null;
    }

    @Override
    public void forgetCapture() {
        channel.eventLoop().execute(this::forgetNow);
    }

    private void forgetNow() {
        if (capture != null) {
            capture.forget();
        }
    }

    @Override
    public void farewell() {
        channel.eventLoop().execute(this::farewellNow);
    }

    private void farewellNow() {
        forgetNow();
        if (capture != null && capture.isUndecided()) {
            channel.eventLoop().execute(this::farewellNow);
        }
        if (capture != null) {
            return;
        }
        List<ChannelHandlerContext> movable =
                Survey.of(channel, initializer.options(), null).movable();
        if (movable.isEmpty()) {
            channel.close();
        }
        for (ChannelHandlerContext context : movable) {
            ((MovableHandler) context.handler()).farewell(context);
        }
    }

    /** The channel is closed. */
    @Override
    public void operationComplete(ChannelFuture closed) {
        initializer.connections().remove(this);
        if (capture != null) {
            capture.channelClosed();
        }
    }

    @Override
    public String toString() {
        return kind() + " connection " + id + ' ' + channel;
    }
}
