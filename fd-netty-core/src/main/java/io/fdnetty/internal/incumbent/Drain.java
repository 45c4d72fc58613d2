package io.fdnetty.internal.incumbent;

import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.listener.Listener;
import io.fdnetty.internal.server.Server;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The end of a process that serves no longer: waits until its connections have ended or moved; at the deadline says
 * farewell to the rest, evenly spread, and closes at last what did not listen. Connections that the server opened
 * itself serve the others and are closed after them. On the control loop.
 */
public final class Drain {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(Drain.class);
    private static final long FAREWELL_MILLIS = 1000;
    private static final long GRACE_MILLIS = 1000;

    private final Server server;
    private final Consumer<Collection<Channel>> done;
    private final Set<Channel> open = new HashSet<>();
    private final List<Channel> unanswered = new ArrayList<>();
    private boolean served;

    private Drain(Server server, Consumer<Collection<Channel>> done) {
        this.server = server;
        this.done = done;
    }

    /**
     * Begins, before the listeners are let go of.
     *
     * @param done runs once, when no connection is left but those that could not even be closed, since their event loop
     *     does not answer
     */
    public static void begin(Server server, Consumer<Collection<Channel>> done) {
        Drain drain = new Drain(server, done);
        drain.watch();
        drain.schedule(server.settings().drainWait());
    }

    private void watch() {
        for (Listener listener : server.listeners().all()) {
            open.addAll(listener.children());
        }
        if (open.isEmpty()) {
            server.control().execute(this::served);
        }
        watchOpen();
    }

    private void watchOpen() {
        for (Channel channel : List.copyOf(open)) {
            channel.closeFuture().addListener(closed -> {
                if (!server.control().isShuttingDown()) {
                    server.control().execute(() -> closed(channel));
                }
            });
        }
    }

    private void closed(Channel channel) {
        if (!open.remove(channel) || !open.isEmpty()) {
            return;
        }
        next();
    }

    private void next() {
        if (served) {
            done.accept(unanswered);
        } else {
            served();
        }
    }

    /** No client is left: closes what the server opened itself, once what was written to it is written. */
    private void served() {
        served = true;
        server.live().opened().forEach(connection -> open.add(connection.channel()));
        unanswered.forEach(open::remove);
        if (open.isEmpty()) {
            done.accept(unanswered);
            return;
        }
        watchOpen();
        after(GRACE_MILLIS, this::close);
        List.copyOf(open)
                .forEach(channel ->
                        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE));
    }

    private void schedule(Duration wait) {
        after(wait.toMillis(), this::farewell);
    }

    private void after(long millis, Runnable step) {
        server.control()
                .schedule(
                        () -> {
                            if (!open.isEmpty()) {
                                step.run();
                            }
                        },
                        millis,
                        TimeUnit.MILLISECONDS);
    }

    private void farewell() {
        List<TrackedConnection> rest = new ArrayList<>(server.live().open());
        rest.removeIf(server.live().opened()::contains);
        logger.info(
                "The drain deadline is reached: {} connections are left, {} of them are told",
                open.size(),
                rest.size());
        for (int i = 0; i < rest.size(); i++) {
            TrackedConnection connection = rest.get(i);
            after(FAREWELL_MILLIS * i / rest.size(), connection::farewell);
        }
        after(rest.isEmpty() ? 0 : FAREWELL_MILLIS + GRACE_MILLIS, this::close);
    }

    private void close() {
        logger.warn("Closing {} connections that did not end within the drain deadline", open.size());
        List.copyOf(open).forEach(Channel::close);
        after(GRACE_MILLIS, this::goOnWithout);
    }

    /**
     * The last deadline: what is not closed by now has an event loop that does not answer, and ends with the process.
     */
    private void goOnWithout() {
        logger.warn("{} connections are not closed: their event loop does not answer", open.size());
        open.stream().filter(Channel::isOpen).forEach(unanswered::add); // a copy of one that has moved is closed
        open.clear();
        next();
    }
}
