package io.fdnetty.examples.demo;

import io.fdnetty.examples.NativeTransport;
import io.fdnetty.examples.ProgramException;
import io.fdnetty.examples.Verbosity;
import io.fdnetty.examples.process.ChildProcess;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One run of the demonstration. Used once, by one thread. */
final class Demo {
    private static final int DRAIN_SECONDS = 10;
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration LAST_ECHO_LIMIT = Duration.ofSeconds(15);
    private static final int CLIENT_THREADS = Math.max(1, Runtime.getRuntime().availableProcessors() / 4);

    private final DemoPlan plan;
    private final Progress progress;
    private final List<UpgradeRow> rows = new ArrayList<>();

    Demo(DemoPlan plan, Progress progress) {
        this.plan = plan;
        this.progress = progress;
    }

    /** Returns whether no client noticed anything and every upgrade came about. */
    boolean run() throws IOException, InterruptedException {
        ServerFleet fleet = ServerFleet.echo(plan.runtimes(), DRAIN_SECONDS, this::log);
        Thread atExit = new Thread(fleet::close, "end servers");
        Runtime.getRuntime().addShutdownHook(atExit);
        EventLoopGroup loops = NativeTransport.eventLoops("client", CLIENT_THREADS);
        try {
            return run(fleet, loops);
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
            fleet.close();
        }
    }

    private void log(String line) {
        if (Verbosity.isVerbose()) {
            progress.line(line);
        }
    }

    private boolean run(ServerFleet fleet, EventLoopGroup loops) throws InterruptedException {
        ChildProcess server = fleet.startNext();
        long port = server.await("listening", START_LIMIT).line().number("port");
        server.await("ready", START_LIMIT);
        SocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), (int) port);
        progress.line("server 1: pid " + server.pid() + ", port " + port + ", Java "
                + fleet.runtime(1).feature() + ", control socket " + fleet.socket());

        ClientSwarm clients = new ClientSwarm(loops);
        clients.connect(address, plan.connections());
        ConnectProbes probes = new ConnectProbes(loops.next(), address);
        progress.line(plan.connections() + " clients stream " + plan.rate() + " frames/s together; " + plan.upgrades()
                + " upgrades in " + plan.seconds() + " s");
        clients.start(plan.rate());
        probes.start();

        boolean allDone;
        try (DemoClock clock = new DemoClock(progress, clients, probes)) {
            allDone = upgrade(fleet, clients, server, clock);
            clients.end(LAST_ECHO_LIMIT);
            probes.stop();
            clock.awaitProbes();
        }
        return new DemoReport(rows, clients.totals(), probes).print(progress) && allDone;
    }

    /** Returns whether every upgrade came about. */
    private boolean upgrade(ServerFleet fleet, ClientSwarm clients, ChildProcess first, DemoClock clock)
            throws InterruptedException {
        Rollover rollover = new Rollover(fleet, clients, DRAIN_SECONDS);
        ChildProcess server = first;
        try {
            for (int upgrade = 1; upgrade <= plan.upgrades(); upgrade++) {
                clock.waitUntil(plan.begin(upgrade));
                Rollover.Outcome outcome = rollover.relieve(upgrade, server);
                server = outcome.successor();
                rows.add(outcome.row());
                progress.line(outcome.row().announcement());
            }
            clock.waitUntil(plan.end());
            return true;
        } catch (ProgramException e) {
            progress.line("upgrade " + (rows.size() + 1) + " failed: " + e.getMessage());
            return false;
        }
    }
}
