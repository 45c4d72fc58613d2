package io.fdnetty.examples.demo;

import java.util.List;

/**
 * What all clients together sent, received and noticed.
 *
 * @param sent frames
 * @param received frames that came back once, whole and in order or later
 * @param awaited frames that may still come back, on connections that are still open
 * @param reset connections that ended before their client wanted it
 * @param lostBytes of frames that did not come back
 * @param doubledBytes of frames that came back again
 * @param reordered frames that came back after a later one
 * @param corrupt frames that nobody sent
 * @param heldBack frames not sent because megabytes before them were still waiting in this process
 */
public record ClientTotals(
        long sent,
        long received,
        long awaited,
        long reset,
        long lostBytes,
        long doubledBytes,
        long reordered,
        long corrupt,
        long heldBack) {
    public static final ClientTotals NONE = new ClientTotals(0, 0, 0, 0, 0, 0, 0, 0, 0);

    public static ClientTotals of(List<StreamClient> clients) {
        return clients.stream().map(ClientTotals::of).reduce(NONE, ClientTotals::plus);
    }

    private static ClientTotals of(StreamClient client) {
        StreamLedger ledger = client.ledger();
        boolean broken = client.broken() != null;
        return new ClientTotals(
                ledger.sent(),
                ledger.received(),
                broken ? 0 : ledger.inFlight(),
                broken ? 1 : 0,
                ledger.lostBytes(),
                ledger.doubledBytes(),
                ledger.reordered(),
                ledger.corrupt(),
                client.heldBack());
    }

    public ClientTotals plus(ClientTotals other) {
        return new ClientTotals(
                sent + other.sent,
                received + other.received,
                awaited + other.awaited,
                reset + other.reset,
                lostBytes + other.lostBytes,
                doubledBytes + other.doubledBytes,
                reordered + other.reordered,
                corrupt + other.corrupt,
                heldBack + other.heldBack);
    }

    /** Whether any client could tell that something happened; meant for the end, when no frame is on its way. */
    public boolean isNoticed() {
        return reset + lostBytes + doubledBytes + reordered + corrupt > 0;
    }
}
