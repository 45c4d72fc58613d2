package io.fdnetty.wire;

import io.fdnetty.channel.AncillaryServerSocketChannel;
import io.fdnetty.channel.AncillarySocketChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Sits between a successor and its incumbent and passes everything on, descriptors too, and keeps what it saw. */
final class WireRecorder implements AutoCloseable {
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final List<CapturedFrame> seen = new ArrayList<>();
    private final CountDownLatch complete = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(2);
    private int perMessage = 1;

    /** Listens where the successor looks for its incumbent, and connects to where that one listens. */
    WireRecorder(Path entrance, Path incumbent) throws InterruptedException {
        new ServerBootstrap()
                .group(loop)
                .channel(AncillaryServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        WirePeer successor = new WirePeer(false);
                        WirePeer other = new WirePeer(true);
                        channel.pipeline().addLast(successor);
                        new Bootstrap()
                                .group(loop)
                                .channel(AncillarySocketChannel.class)
                                .handler(other)
                                .connect(new DomainSocketAddress(incumbent.toFile()))
                                .addListener(connected -> {
                                    pass(successor, other);
                                    pass(other, successor);
                                });
                    }
                })
                .bind(new DomainSocketAddress(entrance.toFile()))
                .sync();
    }

    private void pass(WirePeer from, WirePeer to) {
        Thread thread = new Thread(() -> passAll(from, to), "recorder");
        thread.setDaemon(true);
        thread.start();
    }

    private void passAll(WirePeer from, WirePeer to) {
        try {
            for (WirePeer.Arrived next = from.next(); next.frame() != null; next = from.next()) {
                keep(next.frame());
                to.send(next.frame(), next.descriptors());
            }
            to.end();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            ended.countDown();
        }
    }

    private synchronized void keep(CapturedFrame frame) {
        seen.add(frame);
        if (frame.type() == Layout.number("WELCOME")) {
            perMessage = Capture.agreed(frame);
        }
        if (frame.type() == Layout.number("COMPLETE")) {
            complete.countDown();
        }
    }

    void awaitComplete() throws InterruptedException {
        if (!complete.await(60, TimeUnit.SECONDS)) {
            throw new AssertionError("no COMPLETE: " + seen);
        }
    }

    /** What passed, when both sides have ended. */
    Capture finish(String name) throws InterruptedException {
        if (!ended.await(60, TimeUnit.SECONDS)) {
            throw new AssertionError("no end: " + seen);
        }
        synchronized (this) {
            return new Capture(name, perMessage, List.copyOf(seen));
        }
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
