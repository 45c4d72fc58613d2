package io.fdnetty.examples.demo;

import java.util.List;

/** The table at the end, and the verdict. */
record DemoReport(List<UpgradeRow> rows, ClientTotals clients, ConnectProbes probes) {
    /** Returns whether no client noticed anything. */
    boolean print(Progress progress) {
        progress.line("");
        if (!rows.isEmpty()) {
            progress.line(UpgradeRow.HEADER);
            rows.forEach(row -> progress.line(row.text()));
            progress.line("");
        }
        progress.line(String.format("frames   %,d sent, %,d echoed", clients.sent(), clients.received()));
        progress.line(String.format(
                "clients  %d reset, %,d bytes lost, %,d bytes doubled, %d frames reordered, %d corrupt",
                clients.reset(), clients.lostBytes(), clients.doubledBytes(), clients.reordered(), clients.corrupt()));
        progress.line(String.format(
                "probes   %,d connected and answered, %d refused, %d reset, %d without answer",
                probes.answered(), probes.refused(), probes.reset(), unanswered()));
        if (clients.heldBack() > 0) {
            progress.line(String.format("(%,d frames not sent: the server stood still)", clients.heldBack()));
        }
        boolean noticed = clients.isNoticed() || probes.refused() + probes.reset() + unanswered() > 0;
        progress.line(noticed ? "Clients noticed." : "No client noticed anything.");
        return !noticed;
    }

    private long unanswered() {
        return probes.unanswered() + probes.open();
    }
}
