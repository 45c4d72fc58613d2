package io.fdnetty.testsuite.chaos;

import io.fdnetty.examples.NativeTransport;
import io.fdnetty.examples.ProgramException;
import io.fdnetty.examples.Verbosity;
import io.fdnetty.examples.demo.ClientTotals;
import io.fdnetty.examples.demo.Progress;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One run of upgrades under load of which most are struck by a fault. Used once, by one thread. */
final class Chaos {
    private final ChaosPlan plan;
    private final Progress progress;
    private final Findings findings = new Findings();
    private final Leaks leaks = new Leaks(findings);
    private final Map<Fault, Integer> struck = new EnumMap<>(Fault.class);
    private int rounds;
    private int upgraded;
    private List<ChaosServer> lastProcesses = List.of();

    Chaos(ChaosPlan plan, Progress progress) {
        this.plan = plan;
        this.progress = progress;
    }

    /** Returns whether nothing happened that must not happen. */
    boolean run() throws IOException, InterruptedException {
        ChaosServers servers = new ChaosServers(plan, this::log, findings);
        Thread atExit = new Thread(servers::close, "end servers");
        Runtime.getRuntime().addShutdownHook(atExit);
        EventLoopGroup loops = NativeTransport.eventLoops("client", 1);
        ChaosClients clients = new ChaosClients(plan, servers, findings, loops);
        progress.line("seed " + plan.seed() + ", " + plan.duration().toSeconds() + " s, " + plan.connections()
                + " clients, " + plan.rate() + " frames/s, control socket " + servers.socket());
        try {
            run(servers, clients);
        } catch (ProgramException e) {
            findings.add(String.valueOf(e.getMessage()));
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
            servers.close();
        }
        return verdict();
    }

    private void log(String line) {
        if (Verbosity.isVerbose()) {
            progress.line(line);
        }
    }

    private void run(ChaosServers servers, ChaosClients clients) throws InterruptedException {
        ChaosServer server = servers.startCold();
        clients.fill(server);
        clients.start();
        leaks.check(server, plan.connections());
        long end = System.nanoTime() + plan.duration().toNanos();
        do {
            server = round(server, servers, clients);
        } while (System.nanoTime() - end < 0 && findings.isEmpty());
        clients.end();
        servers.checkWitness();
        if (findings.isEmpty()) {
            servers.end(server);
        }
        report(servers, clients);
    }

    private ChaosServer round(ChaosServer incumbent, ChaosServers servers, ChaosClients clients)
            throws InterruptedException {
        rounds++;
        Strike strike = plan.strike(rounds);
        long began = System.nanoTime();
        ChaosRound round = new ChaosRound(strike, incumbent, servers, clients, findings);
        try {
            ChaosServer server = round.run();
            int drained = clients.drained();
            int lost = clients.judge(round.isKilled());
            clients.checkSurvivors();
            round.checkDrained(clients.drained() - drained);
            clients.fill(server);
            leaks.check(server, plan.connections());
            struck.merge(strike.fault(), round.isStruck() ? 1 : 0, Integer::sum);
            upgraded += round.isUpgraded() ? 1 : 0;
            progress.line(String.format(
                    "%s | %s%s, %d ms",
                    strike.text(),
                    round.text(),
                    lost == 0 ? "" : "; " + lost + " connections ended with their process",
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began)));
            return server;
        } finally {
            lastProcesses = round.processes();
        }
    }

    private void report(ChaosServers servers, ChaosClients clients) throws InterruptedException {
        ClientTotals totals = clients.totals();
        progress.line("");
        progress.line(String.format(
                "upgrades      %,d tried, %,d came about, %,d processes killed",
                rounds, upgraded, servers.killed().size()));
        progress.line("struck");
        struck.forEach((fault, count) -> progress.line(String.format("              %4d  %s", count, fault.text())));
        progress.line(String.format("frames        %,d sent, %,d echoed", totals.sent(), totals.received()));
        progress.line(String.format(
                "connections   %,d ended with the process that owned them, %,d with the drain of one",
                clients.died(), clients.drained()));
        progress.line(String.format(
                "visits        %,d answered, %,d ended with a process",
                clients.answeredVisits(), clients.missedVisits()));
        progress.line(String.format(
                "witness       the kernel's counters agreed %,d times, could not be told %,d times",
                servers.witnessed(), servers.unwitnessed()));
        progress.line(leaks.text());
    }

    private boolean verdict() {
        if (findings.isEmpty()) {
            progress.line("Nothing was lost. Seed " + plan.seed());
            return true;
        }
        progress.line("");
        progress.line("FAILED in upgrade " + rounds + " of seed " + plan.seed() + ": "
                + plan.strike(Math.max(1, rounds)).text());
        findings.all().forEach(finding -> progress.line("  " + finding));
        for (ChaosServer server : lastProcesses) {
            progress.line("---- " + server + ", pid " + server.process().pid());
            server.notes().forEach(progress::line);
        }
        progress.line(
                "Again: chaos " + plan.seed() + " --connections " + plan.connections() + " --rate " + plan.rate());
        return false;
    }
}
