package io.fdnetty.testsuite.chaos;

import java.util.ArrayList;
import java.util.List;

/** What must not have happened and did. Thread-safe. */
final class Findings {
    private final List<String> all = new ArrayList<>();

    synchronized void add(String finding) {
        all.add(finding);
    }

    synchronized boolean isEmpty() {
        return all.isEmpty();
    }

    synchronized List<String> all() {
        return List.copyOf(all);
    }
}
