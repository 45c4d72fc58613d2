package io.fdnetty.internal.arrival;

import io.fdnetty.internal.connection.Clock;
import io.fdnetty.internal.connection.LiveConnections;
import io.fdnetty.internal.listener.Listener;
import io.fdnetty.internal.netty.SilentRegistration;
import io.fdnetty.internal.protocol.ConnectionPart;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.sys.OneLine;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One unit from another process on its way to life. All its channels are on the event loop of the first, the leader,
 * whose registration the others follow, and so are its events; {@link #start} and {@link #abandon} may be called on any
 * thread.
 */
public final class UnitArrival implements Arrival, Arrival.Pending {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(UnitArrival.class);

    private final LiveConnections connections;
    private final ConnectionUnit unit;
    private final Consumer<Arrival> whenDone;
    private final List<PartArrival> parts = new ArrayList<>(1);
    private final AtomicBoolean answered = new AtomicBoolean();
    /** Whether the event loop has come to it, or nobody waits for that any more. */
    private final AtomicBoolean begun = new AtomicBoolean();

    private boolean tooLate;
    private final AtomicBoolean ended = new AtomicBoolean();
    private int registered;
    private boolean quiet;
    /** Set where the channels cannot be registered without reading: then they are delivered at the start. */
    private @Nullable Runnable delivery;

    /** Whether all its handlers are there. */
    private volatile boolean isHere;

    private final AtomicBoolean delivered = new AtomicBoolean();
    private volatile boolean mayRead;
    private volatile Runnable whenActive = () -> {};
    private volatile LongConsumer whenStarted = pauseMicros -> {};
    private boolean active;

    private UnitArrival(LiveConnections connections, ConnectionUnit unit, Consumer<Arrival> whenDone) {
        this.connections = connections;
        this.unit = unit;
        this.whenDone = whenDone;
    }

    /** A unit from another process; takes ownership of it. */
    public static UnitArrival adopt(LiveConnections connections, ConnectionUnit unit, Consumer<Arrival> whenDone) {
        UnitArrival arriving = new UnitArrival(connections, unit, whenDone);
        try {
            List<ArrivalRoute> entrances = ArrivalRoute.of(connections, unit);
            arriving.makeChannels(entrances);
            arriving.arrive(entrances.get(0));
        } catch (IOException e) {
            arriving.reject(String.valueOf(e.getMessage()));
        } catch (Throwable e) { // or its predecessor would wait for the answer
            arriving.failed("adopting it", e);
        }
        return arriving;
    }

    private void failed(String step, Throwable cause) {
        logger.warn("Connection {} cannot come to life: {} failed", unit.id(), step, cause);
        reject(step + " failed: " + cause);
    }

    private void makeChannels(List<ArrivalRoute> entrances) throws IOException {
        for (int i = 0; i < entrances.size(); i++) {
            ArrivalRoute entrance = entrances.get(i);
            ConnectionPart part = unit.parts().get(i);
            parts.add(new PartArrival(this, entrance.kind(), part, entrance.newChannel(part)));
        }
    }

    private PartArrival leader() {
        return parts.get(0);
    }

    /** Whether the channels were silenced before their registration. */
    boolean isQuiet() {
        return quiet;
    }

    boolean isLinked() {
        return parts.size() > 1;
    }

    private void arrive(ArrivalRoute entrance) {
        parts.forEach(PartArrival::shutGate);
        quiet = parts.stream().allMatch(part -> connections.registersQuietly(part.channel()));
        if (quiet) {
            deliver(entrance);
        } else {
            parts.forEach(part -> SilentRegistration.wake(part.channel()));
            delivery = () -> deliver(entrance);
            answer(this);
        }
    }

    private void deliver(ArrivalRoute entrance) {
        Listener listener = entrance.listener();
        if (listener == null) {
            leader().join(entrance.kind().nextLoop());
        } else {
            deliver(listener, leader().channel());
        }
    }

    private void deliver(Listener listener, Channel channel) {
        channel.closeFuture().addListener(closed -> gone());
        listener.deliver(channel).addListener(delivered -> {
            if (!delivered.isSuccess()) {
                channel.unsafe().closeForcibly();
            }
            if (!channel.isOpen()) {
                onLoop(this::gone);
            }
        });
    }

    /** A channel is closed, whatever was under way. */
    void gone() {
        endWith("the channel was closed as it arrived");
    }

    /** The event loop has come to this part; false if it comes {@linkplain #expire too late}. */
    boolean begin(PartArrival part) {
        if (part == leader() && !begun.compareAndSet(false, true)) {
            tooLate = true;
        }
        return !tooLate;
    }

    /** Whether it has ended, so that no handler is to be made for it. On its event loop. */
    boolean isOver() {
        return tooLate || ended.get();
    }

    /**
     * Rejects it, unless it was answered: its event loop does not come to it. A copy that the event loop has not
     * touched is closed at once, another one when the event loop comes to it. Any thread.
     */
    @Override
    public void expire(String reason) {
        if (begun.compareAndSet(false, true)) {
            endWith(reason);
            parts.forEach(part -> onLoop(part::closed));
        } else if (answered.compareAndSet(false, true)) {
            whenDone.accept(new RejectedArrival(unit.id(), reason));
            onLoop(() -> endWith(reason));
        }
    }

    private void answer(Arrival arrival) {
        if (answered.compareAndSet(false, true)) {
            whenDone.accept(arrival);
        }
    }

    /** A part has its handlers. */
    void registered(PartArrival part) {
        registered++;
        if (registered == parts.size()) {
            allRegistered();
        } else if (part == leader()) {
            EventLoop loop = part.channel().eventLoop();
            parts.stream().skip(1).forEach(member -> member.join(loop));
        }
    }

    private void allRegistered() {
        String failure = ended.get() ? null : tryBringUp();
        if (failure != null) {
            reject(failure);
            return;
        }
        isHere = true;
        if (delivery != null) {
            onLoop(this::advance);
        } else {
            answer(this);
        }
    }

    private @Nullable String tryBringUp() {
        try {
            return bringUp();
        } catch (Throwable e) { // or its predecessor would wait for the answer
            logger.warn("Connection {} cannot come to life", unit.id(), e);
            return "bringing it up failed: " + e;
        }
    }

    private @Nullable String bringUp() {
        for (PartArrival part : parts) {
            String failure = part.check();
            if (failure != null) {
                return failure;
            }
        }
        parts.stream().skip(1).forEach(member -> leader().connection().lead(member.connection()));
        for (PartArrival part : parts) {
            String failure = part.restore();
            if (failure != null) {
                return failure;
            }
        }
        return null;
    }

    void reject(String reason) {
        if (endWith(reason) && delivery != null) {
            logger.error("Connection {} was taken over and could not be brought up: {}", unit.id(), OneLine.of(reason));
        }
    }

    @Override
    public long id() {
        return unit.id();
    }

    @Override
    public boolean isAdopted() {
        return true;
    }

    @Override
    public String rejection() {
        return "";
    }

    @Override
    public void activate(Runnable done) {
        whenActive = done;
        begin();
    }

    @Override
    public void start(LongConsumer started) {
        whenStarted = started;
        mayRead = true;
        begin();
    }

    private void begin() {
        if (delivery != null && delivered.compareAndSet(false, true)) {
            delivery.run();
        } else if (isHere) {
            onLoop(this::advance);
        }
    }

    private void advance() {
        if (ended.compareAndSet(false, true)) {
            activateNow();
        }
        if (active && mayRead) {
            active = false;
            startNow();
        }
    }

    /** One after the other: what the first ones write to the others is held until their turn. */
    private void activateNow() {
        active = true;
        parts.forEach(part -> connections.add(part.connection()));
        parts.forEach(PartArrival::activate);
        whenActive.run();
    }

    private void startNow() {
        parts.forEach(PartArrival::live);
        long pause = Clock.nowMicros() - unit.capturedAtMicros();
        unit.release();
        whenStarted.accept(pause);
    }

    @Override
    public void abandon() {
        String reason = "it went back to the process that it came from";
        if (delivery == null) {
            onLoop(() -> endWith(reason));
        } else {
            endWith(reason);
        }
    }

    /** Closes this copy, unless it has started or ended; returns whether it did. */
    private boolean endWith(String reason) {
        boolean first = ended.compareAndSet(false, true);
        if (first) {
            parts.forEach(part -> part.dismantle(reason));
            unit.release();
            answer(new RejectedArrival(unit.id(), reason));
        }
        return first;
    }

    /** Always in a task of its own: a channel may still be in the middle of its registration. */
    private void onLoop(Runnable task) {
        try {
            leader().channel().eventLoop().execute(task);
        } catch (RejectedExecutionException | IllegalStateException e) {
            logger.debug("{} has no event loop", leader().channel(), e);
            gone();
        }
    }
}
