package io.fdnetty.testsuite.fault;

import io.fdnetty.testsuite.fault.Strike.Kind;
import io.fdnetty.testsuite.process.Jdks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The table of faults in {@code docs/guarantees.md}, which says for each what must come of it. */
final class FaultTable {
    private static final Path DOCUMENT = Path.of("..", "docs", "guarantees.md");
    private static final String HEAD =
            "| process | point | KILL | STOP | CLOSE | FILES | MEMORY | THROW | TERM | BUSY | HUNG |";
    private static final List<Kind> KINDS = List.of(Kind.values());
    private static final Set<String> OUTCOMES = Set.of("I", "I*", "I?", "S", "S*", "C");
    private static final String NOTHING = "-";
    private static final String TOGETHER = ", together";
    private static final String TWICE = ", twice";

    private FaultTable() {}

    /**
     * One fault and what must come of it.
     *
     * @param process whom it strikes: incumbent or successor, with {@code , together} where all connections move
     *     together
     * @param point of the protocol; or, with a dot, of the author's code or of the codec; struck a second time with
     *     {@code , twice}
     * @param outcome as the document explains it
     */
    record Cell(String process, String point, Kind kind, String outcome) {
        boolean isTogether() {
            return process.endsWith(TOGETHER);
        }

        boolean strikesIncumbent() {
            return process.startsWith("incumbent");
        }

        /** As the process that is struck calls it. */
        String at() {
            String name = point.replace(TWICE, "");
            return name.contains(".") ? name : (strikesIncumbent() ? "incumbent." : "successor.") + name;
        }

        int times() {
            return point.endsWith(TWICE) ? 2 : 1;
        }

        boolean successorServes() {
            return !outcome.startsWith("I");
        }

        /** Whether it depends on how far the kernel was who serves. */
        boolean isOpen() {
            return outcome.endsWith("?");
        }

        /** Whether the successor has nothing of its predecessor. */
        boolean startsCold() {
            return outcome.equals("C");
        }

        /** Whether connections may end with the process that owned them. */
        boolean someMayEnd() {
            return outcome.endsWith("*") || startsCold();
        }

        /** Whether the incumbent has heard of this successor. */
        boolean isGreeted() {
            return kind == Kind.FILES || !(point.equals("SendHello") || point.equals("encode.Hello"));
        }

        @Override
        public String toString() {
            return kind + " of the " + process + " at " + point + ": " + outcome;
        }
    }

    static List<Cell> cells() throws IOException {
        List<Cell> cells = new ArrayList<>();
        for (List<String> row : rows()) {
            for (int i = 0; i < KINDS.size(); i++) {
                String outcome = onThisJdk(row.get(2 + i));
                if (OUTCOMES.contains(outcome)) {
                    cells.add(new Cell(row.get(0), row.get(1), KINDS.get(i), outcome));
                } else if (!outcome.equals(NOTHING)) {
                    throw new IOException("no such outcome: " + outcome + " in " + row);
                }
            }
        }
        return cells;
    }

    /** Of two outcomes the first is that without foreign calls. */
    private static String onThisJdk(String outcome) {
        int or = outcome.indexOf('/');
        if (or < 0) {
            return outcome;
        }
        return Jdks.current().hasForeignCalls() ? outcome.substring(or + 1) : outcome.substring(0, or);
    }

    /** The points in the table that are struck when connections move so. */
    static Set<String> points(boolean together) throws IOException {
        Set<String> points = new TreeSet<>();
        for (Cell cell : cells()) {
            if (cell.isTogether() == together) {
                points.add(cell.at());
            }
        }
        return points;
    }

    private static List<List<String>> rows() throws IOException {
        List<String> lines = Files.readAllLines(DOCUMENT);
        List<List<String>> rows = new ArrayList<>();
        for (int i = lines.indexOf(HEAD) + 2;
                i > 1 && i < lines.size() && lines.get(i).startsWith("|");
                i++) {
            String[] fields = lines.get(i).substring(1).split("\\|", -1);
            List<String> row = new ArrayList<>();
            for (String field : fields) {
                row.add(field.strip().replace("`", ""));
            }
            rows.add(row);
        }
        if (rows.isEmpty()) {
            throw new IOException("there is no table of faults in " + DOCUMENT);
        }
        return rows;
    }
}
