package io.fdnetty.testsuite.chaos;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.server.EventLine;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/** One server process of the chaos run, as far as it has told of itself. Thread-safe. */
final class ChaosServer {
    private static final int KEPT_NOTES = 60;
    private static final Set<String> CHATTER =
            Set.of("accepted", "arrived", "witnessed", "left", "ended", "farewell", "vitals");

    private final int number;
    private final ChildProcess process;
    private boolean ready;
    private boolean relieved;
    private boolean gaveUp;
    private boolean killed;
    private int upgradesBegun;
    private int upgradesOver;
    private int port;
    private long kept;
    private long directBytes;
    private String lastFailure = "";
    private final Deque<String> notes = new ArrayDeque<>();

    ChaosServer(int number, ChildProcess process) {
        this.number = number;
        this.process = process;
    }

    synchronized void hear(EventLine event) {
        if (!CHATTER.contains(event.event())) {
            note(event.toString());
        }
        switch (event.event()) {
            case "listening" -> port = (int) event.number("port");
            case "ready" -> ready = true;
            case "handed-over" -> {
                relieved = true;
                upgradesOver++;
                kept += event.number("kept");
            }
            case "upgrade-failed" -> {
                upgradesOver++;
                gaveUp |= "takeover".equals(event.get("step"));
                lastFailure = event.get("step") + ": " + event.get("reason");
            }
            case "vitals" -> directBytes = event.number("direct");
            default -> {}
        }
    }

    /** It said something that may explain a finding. */
    synchronized void note(String line) {
        upgradesBegun += line.contains("Upgrade requested by pid") ? 1 : 0;
        notes.add(line);
        if (notes.size() > KEPT_NOTES) {
            notes.remove();
        }
    }

    /** What it said last, without what it says of each connection. */
    synchronized List<String> notes() {
        return List.copyOf(notes);
    }

    int number() {
        return number;
    }

    ChildProcess process() {
        return process;
    }

    boolean hasEnded() {
        return process.hasEnded();
    }

    synchronized boolean isReady() {
        return ready;
    }

    /** Whether a successor has taken over. */
    synchronized boolean isRelieved() {
        return relieved;
    }

    /** Whether it is the server, no upgrade is under way, and it stays so unless something happens. */
    synchronized boolean isServing() {
        return ready && !relieved && !gaveUp && !killed && upgradesBegun <= upgradesOver;
    }

    synchronized boolean isKilled() {
        return killed;
    }

    /** SIGKILL. */
    void kill() {
        synchronized (this) {
            killed = true;
        }
        process.kill();
    }

    synchronized int port() {
        return port;
    }

    /** Connections that it kept when it was relieved. */
    synchronized long kept() {
        return kept;
    }

    synchronized long directBytes() {
        return directBytes;
    }

    /** Why the last upgrade failed, in its words, since this was asked last. */
    synchronized String takeFailure() {
        String failure = lastFailure;
        lastFailure = "";
        return failure;
    }

    @Override
    public String toString() {
        return "server " + number;
    }
}
