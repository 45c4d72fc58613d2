package io.fdnetty;

import io.fdnetty.move.MoveOptions;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** One generation of a server with a {@link Room}. */
final class RoomServer implements AutoCloseable {
    final Room room;
    final Upgrader upgrader;
    final BlockingQueue<String> failures = new LinkedBlockingQueue<>();
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(2, new DefaultThreadFactory("room", true), EpollIoHandler.newFactory());
    private final Channel listener;

    private RoomServer(Path socket, Room room, UnaryOperator<UpgraderBuilder> settings) throws Exception {
        this.room = room;
        this.upgrader = settings.apply(Upgrader.builder(socket)
                        .name("room")
                        .finalState("room", room)
                        .listener(new UpgradeListener() {
                            @Override
                            public void upgradeFailed(UpgradeStep step, String reason) {
                                failures.add(step + ": " + reason);
                            }
                        }))
                .build();
        this.listener = new ServerBootstrap()
                .group(group)
                .channelFactory(upgrader.listener("room"))
                .childHandler(upgrader.movable("room", room, MoveOptions.restored()))
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    /** All together, on a machine of any speed. */
    static UpgraderBuilder patiently(UpgraderBuilder builder) {
        return builder.together(Duration.ofSeconds(20));
    }

    /** A server that is ready; it decides by the settings how its connections leave it. */
    static RoomServer start(Path socket, Room room, UnaryOperator<UpgraderBuilder> settings) throws Exception {
        RoomServer server = new RoomServer(socket, room, settings);
        try {
            server.upgrader.ready();
            return server;
        } catch (UpgradeException e) {
            server.close();
            throw e;
        }
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Waits for a failed upgrade. */
    String failure() throws InterruptedException {
        return String.valueOf(failures.poll(30, TimeUnit.SECONDS));
    }

    @Override
    public void close() {
        upgrader.close();
        listener.close().syncUninterruptibly();
        group.shutdownGracefully(20, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }
}
