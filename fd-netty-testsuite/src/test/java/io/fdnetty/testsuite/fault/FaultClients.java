package io.fdnetty.testsuite.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.NativeTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Connections that stream without a pause, and short ones that come one after another, each for one frame. */
final class FaultClients implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final int TICK_MILLIS = 20;
    private static final int PROBE_MILLIS = 50;
    private static final int PROGRESS = 3;

    private final EventLoopGroup group = NativeTransport.eventLoops("client", 1);
    private final EventLoop loop = group.next();
    private final int port;
    private final List<FaultClient> streams = new ArrayList<>();
    private final List<FaultClient> probes = new ArrayList<>();
    /** On the loop. */
    private final List<Waiting> waiting = new ArrayList<>();

    private int refused;
    private boolean ending;

    private FaultClients(int port) {
        this.port = port;
    }

    /** Connects and begins to send. */
    static FaultClients start(int port, int connections) throws Exception {
        FaultClients clients = new FaultClients(port);
        for (int i = 0; i < connections; i++) {
            FaultClient client = new FaultClient(Long.MAX_VALUE, clients::changed);
            clients.connect(client).sync();
            clients.streams.add(client);
        }
        clients.loop.scheduleAtFixedRate(clients::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
        clients.loop.scheduleAtFixedRate(clients::probe, 0, PROBE_MILLIS, TimeUnit.MILLISECONDS);
        return clients;
    }

    private ChannelFuture connect(FaultClient client) {
        return new Bootstrap()
                .group(loop)
                .channel(NativeTransport.clientChannel())
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        client.addTo(channel.pipeline());
                    }
                })
                .connect(InetAddress.getLoopbackAddress(), port);
    }

    private void tick() {
        streams.forEach(FaultClient::tick);
    }

    private void probe() {
        if (ending) {
            return;
        }
        FaultClient probe = new FaultClient(1, this::changed);
        connect(probe).addListener(connected -> {
            if (connected.isSuccess()) {
                probes.add(probe);
            } else {
                refused++;
            }
        });
    }

    /** Waits until every stream that is not broken goes on, with this process. */
    void awaitServedBy(long pid) throws Exception {
        List<Long> before = streams.stream().map(FaultClient::answered).toList();
        await("streams served by " + pid, () -> {
            for (int i = 0; i < streams.size(); i++) {
                FaultClient stream = streams.get(i);
                boolean goesOn = stream.owner() == pid && stream.answered() >= before.get(i) + PROGRESS;
                if (!stream.isBroken() && !goesOn) {
                    return false;
                }
            }
            return true;
        });
    }

    /** Waits until some more short connections were served by this process. */
    void awaitProbes(long pid) throws Exception {
        long before = onLoop(() -> servedBy(pid));
        await("new connections served by " + pid, () -> servedBy(pid) >= before + PROGRESS);
    }

    private long servedBy(long pid) {
        return probes.stream().filter(probe -> probe.owner() == pid).count();
    }

    /** How many streams are broken. */
    long broken() throws Exception {
        return onLoop(() -> streams.stream().filter(FaultClient::isBroken).count());
    }

    /** Ends all, and waits for every answer that is still to come. */
    void end() throws Exception {
        onLoop(() -> {
            ending = true;
            streams.forEach(FaultClient::end);
            return null;
        });
        await(
                "end of every connection",
                () -> streams.stream().allMatch(FaultClient::isSettled)
                        && probes.stream().allMatch(FaultClient::isSettled));
    }

    /**
     * What no fault excuses: a byte lost, doubled or out of its place, a second owner, a connection that was refused.
     *
     * @param coldStart whether there was nobody to accept for a while
     */
    void assertNothingWrong(boolean coldStart) throws Exception {
        List<String> wrong = onLoop(() -> {
            List<String> all = new ArrayList<>();
            streams.stream().filter(stream -> stream.wrong() != null).forEach(stream -> all.add(stream.toString()));
            probes.stream().filter(probe -> probe.wrong() != null).forEach(probe -> all.add("probe " + probe));
            return all;
        });
        assertThat(wrong).isEmpty();
        if (!coldStart) {
            assertThat(onLoop(() -> refused)).as("connections refused").isZero();
        }
    }

    void assertNoStreamBroken() throws Exception {
        assertThat(onLoop(() -> streams.stream()
                        .filter(FaultClient::isBroken)
                        .map(FaultClient::toString)
                        .toList()))
                .isEmpty();
    }

    void assertNoProbeBroken() throws Exception {
        assertThat(onLoop(() -> probes.stream()
                        .filter(FaultClient::isBroken)
                        .map(FaultClient::toString)
                        .toList()))
                .isEmpty();
    }

    /** For messages: how each stream stands. */
    String describe() {
        try {
            return onLoop(() -> refused + " refused, " + streams);
        } catch (Exception e) {
            return e.toString();
        }
    }

    private <T> T onLoop(Callable<T> what) throws Exception {
        return loop.submit(what).get();
    }

    private void await(String what, Callable<Boolean> condition) throws Exception {
        CompletableFuture<Void> met = new CompletableFuture<>();
        onLoop(() -> {
            waiting.add(new Waiting(condition, met));
            changed();
            return null;
        });
        try {
            met.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("no " + what + " in " + PATIENCE + ": " + describe(), e);
        }
    }

    private void changed() {
        waiting.removeIf(Waiting::isOver);
    }

    /** Somebody who waits for a condition of the clients; looked at whenever one of them has changed. */
    private record Waiting(Callable<Boolean> condition, CompletableFuture<Void> met) {
        boolean isOver() {
            try {
                return condition.call() && met.complete(null);
            } catch (Exception e) {
                return met.completeExceptionally(e);
            }
        }
    }

    @Override
    public void close() {
        loop.execute(() -> {
            streams.forEach(FaultClient::close);
            probes.forEach(FaultClient::close);
        });
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
