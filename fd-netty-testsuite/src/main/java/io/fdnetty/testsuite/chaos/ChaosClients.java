package io.fdnetty.testsuite.chaos;

import io.fdnetty.examples.demo.ClientSwarm;
import io.fdnetty.examples.demo.ClientTotals;
import io.fdnetty.examples.demo.StreamClient;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;

/** The clients of the chaos run, and the verdict on those whose connection ended. Used by one thread. */
final class ChaosClients {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final long POLL_MILLIS = 10;

    private final ChaosPlan plan;
    private final ChaosServers servers;
    private final Findings findings;
    private final ClientSwarm swarm;
    private final Visits visits;
    private SocketAddress address = new InetSocketAddress(0);
    private int connected;
    private ClientTotals gone = ClientTotals.NONE;
    private int died;
    private int drained;
    private int missedVisits;

    ChaosClients(ChaosPlan plan, ChaosServers servers, Findings findings, EventLoopGroup loops) {
        this.plan = plan;
        this.servers = servers;
        this.findings = findings;
        swarm = new ClientSwarm(loops);
        visits = new Visits(loops.next(), servers.ownership()::forget);
    }

    /** Connects as many as are missing, to the server that serves now. */
    void fill(ChaosServer server) throws InterruptedException {
        address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
        swarm.connect(address, plan.connections() - connected);
        connected = plan.connections();
    }

    void start() throws InterruptedException {
        swarm.start(plan.rate());
    }

    /** Some that come for a moment. */
    void visit(int count) {
        visits.make(address, count);
    }

    /**
     * Waits until every client that has a connection has had an answer to all that it sent until now, and judges those
     * that lost theirs.
     *
     * @param anyKilled whether a process was killed since the last time
     * @return how many lost theirs
     */
    int judge(boolean anyKilled) throws InterruptedException {
        for (StreamClient client : swarm.owed(PATIENCE)) {
            findings.add(describe(client) + " has waited " + PATIENCE.toSeconds() + " s for its echo: "
                    + servers.ownership().describe(client.localPort()));
        }
        List<StreamClient> broken = swarm.takeBroken();
        for (StreamClient client : broken) {
            judge(client, anyKilled);
        }
        connected -= broken.size();
        awaitVisits();
        for (Visits.Failure failure : visits.takeFailures()) {
            judge(failure, anyKilled);
        }
        return broken.size();
    }

    private void judge(StreamClient client, boolean anyKilled) throws InterruptedException {
        gone = gone.plus(ClientTotals.of(List.of(client)));
        if (!client.ledger().isClean()) {
            findings.add(describe(client) + ", whose connection ended, lost, doubled or reordered bytes before");
        }
        judge(client.localPort(), client.beganNanos(), describe(client) + " (" + client.broken() + ")", anyKilled);
    }

    private void judge(Visits.Failure visit, boolean anyKilled) throws InterruptedException {
        missedVisits++;
        String who = "a visit from port " + visit.port() + " (" + visit.reason() + ")";
        if (visit.mixedUp()) {
            findings.add(who + " got its echoes mixed up");
        }
        if (visit.port() == 0) {
            if (!anyKilled) {
                findings.add(who + " did not get a connection");
            }
        } else {
            judge(visit.port(), visit.beganNanos(), who, anyKilled);
        }
    }

    /** What the servers tell may be on its way. */
    private void judge(int port, long began, String who, boolean anyKilled) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos() / 10;
        String reason = unexplained(port, began, anyKilled);
        while (reason != null && System.nanoTime() - deadline < 0) {
            Thread.sleep(POLL_MILLIS);
            reason = unexplained(port, began, anyKilled);
        }
        if (reason != null) {
            findings.add(who + " lost its connection: " + reason + " ("
                    + servers.ownership().describe(port) + ")");
        } else if (servers.ownership().hadFarewell(port, began)) {
            drained++;
        } else {
            died++;
        }
        servers.ownership().forget(port);
    }

    private @org.jspecify.annotations.Nullable String unexplained(int port, long began, boolean anyKilled) {
        return servers.ownership().unexplained(port, began, servers.killed(), anyKilled);
    }

    private void awaitVisits() throws InterruptedException {
        long deadline = System.nanoTime() + 2 * PATIENCE.toNanos();
        while (visits.open() > 0 && System.nanoTime() - deadline < 0) {
            Thread.sleep(POLL_MILLIS);
        }
    }

    private static String describe(StreamClient client) {
        return "the client at port " + client.localPort();
    }

    /** Sends no more and waits for the last echoes; what is wrong then is a finding. */
    void end() throws InterruptedException {
        swarm.end(PATIENCE);
        ClientTotals living = swarm.totals();
        if (living.isNoticed()) {
            findings.add("clients with a surviving connection noticed: " + living);
        }
    }

    /** Bytes that came again or in the wrong order are wrong at any time. */
    void checkSurvivors() throws InterruptedException {
        ClientTotals now = swarm.totals();
        if (now.doubledBytes() + now.reordered() + now.corrupt() > 0) {
            findings.add("clients with a surviving connection noticed: " + now);
        }
    }

    ClientTotals totals() throws InterruptedException {
        return swarm.totals().plus(gone);
    }

    /** Connections that ended with the process that owned them. */
    int died() {
        return died;
    }

    /** Connections that stayed behind and ended with a drain. */
    int drained() {
        return drained;
    }

    long answeredVisits() {
        return visits.answered();
    }

    int missedVisits() {
        return missedVisits;
    }
}
