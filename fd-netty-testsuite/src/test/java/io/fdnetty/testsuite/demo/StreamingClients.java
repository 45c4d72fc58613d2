package io.fdnetty.testsuite.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.NativeTransport;
import io.fdnetty.examples.demo.ClientSwarm;
import io.fdnetty.examples.demo.ClientTotals;
import io.fdnetty.examples.demo.ConnectProbes;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The clients of the demonstration, for tests: they stream checked frames without a pause, and short connections probe.
 */
public final class StreamingClients implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int FRAMES_PER_CLIENT = 50;

    private final EventLoopGroup loops = NativeTransport.eventLoops("client", 1);
    private final ClientSwarm swarm = new ClientSwarm(loops);
    private final ConnectProbes probes;

    private StreamingClients(SocketAddress server) {
        probes = new ConnectProbes(loops.next(), server);
    }

    /** Connects and begins to send. */
    public static StreamingClients start(long port, int connections) throws InterruptedException {
        SocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), (int) port);
        StreamingClients clients = new StreamingClients(server);
        clients.swarm.connect(server, connections);
        clients.swarm.start((double) connections * FRAMES_PER_CLIENT);
        clients.probes.start();
        clients.awaitProgress(connections);
        return clients;
    }

    /** Waits until some more frames have come back. */
    public void awaitProgress(long frames) throws InterruptedException {
        long target = swarm.totals().received() + frames;
        awaitThat(() -> swarm.totals().received() >= target, frames + " more echoes");
    }

    /** Waits until some more new connections were served. */
    public void awaitProbes(long connections) throws InterruptedException {
        long target = probes.answered() + connections;
        awaitThat(() -> probes.answered() >= target, connections + " more probes to be answered");
    }

    /** Ends all clients; fails if one noticed anything. */
    public void assertNothingNoticed() throws InterruptedException {
        end();
        assertThat(swarm.totals().isNoticed()).as("%s", swarm.totals()).isFalse();
        assertThat(probes.refused()).as("refused probes").isZero();
        assertThat(probes.reset()).as("reset probes").isZero();
        assertThat(probes.unanswered()).as("probes without answer").isZero();
    }

    /** Ends all clients; fails if one noticed anything but the end of its connection. Returns how many ended. */
    public long assertSurvivorsNoticedNothing() throws InterruptedException {
        end();
        ClientTotals survivors = swarm.totalsOfUnbroken();
        assertThat(survivors.isNoticed()).as("%s", survivors).isFalse();
        return swarm.totals().reset();
    }

    private void end() throws InterruptedException {
        swarm.end(PATIENCE);
        probes.stop();
        awaitThat(() -> probes.open() == 0, "the last probes");
    }

    /** A condition to be asked again and again. */
    private interface Condition {
        boolean holds() throws InterruptedException;
    }

    private void awaitThat(Condition condition, String what) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("no " + what + " in " + PATIENCE + ": " + swarm.totals());
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
