package io.fdnetty.internal.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One table of docs/model: what the model lets a machine do in each phase about each event. */
final class ModelTable {
    private static final Path MODEL = Path.of("..", "docs", "model");
    private static final String CELL = "\\s*(.+?)\\s*";

    /**
     * One row.
     *
     * @param actions the names of the actions, and what changes in the model besides
     * @param next the phase after it
     * @param deadline the deadline that runs after it: its name, NONE or same
     */
    record Row(String phase, String event, String guard, List<String> actions, String next, String deadline) {}

    private final List<Row> rows = new ArrayList<>();
    private final Set<String> abstracted = new HashSet<>();
    private final Set<Row> used = new HashSet<>();

    private ModelTable() {}

    /** The table whose rows begin with that name; the events that it leaves out are in a comment of their own. */
    static ModelTable read(String file, String macro) throws IOException {
        ModelTable table = new ModelTable();
        Pattern row = Pattern.compile(
                "^ +" + macro + "\\(" + String.join(",", List.of(CELL, CELL, CELL, CELL, CELL, CELL)) + "\\)$");
        Pattern out = Pattern.compile("^ \\* " + macro + " leaves out: (.*)$");
        for (String line : Files.readAllLines(MODEL.resolve(file))) {
            Matcher cells = row.matcher(line);
            Matcher names = out.matcher(line);
            if (cells.matches()) {
                table.rows.add(new Row(
                        cells.group(1),
                        cells.group(2),
                        cells.group(3),
                        List.of(cells.group(4).split("; ")),
                        cells.group(5),
                        cells.group(6)));
            } else if (names.matches()) {
                table.abstracted.addAll(List.of(names.group(1).split(" ")));
            } else {
                assertThat(line).as("a row in one line").doesNotMatch(" +" + macro + "\\(.*");
            }
        }
        return table;
    }

    /** The row for this event in this phase whose condition holds; null if the model says that it cannot come. */
    Row find(String phase, String event, Predicate<String> condition) {
        List<Row> found = rows.stream()
                .filter(row -> row.phase().equals(phase) && row.event().equals(event))
                .filter(row -> new ModelGuard(row.guard(), condition).holds())
                .toList();
        assertThat(found).as("rows for %s in %s", event, phase).hasSizeLessThan(2);
        used.addAll(found);
        return found.isEmpty() ? null : found.get(0);
    }

    List<Row> unused() {
        return rows.stream().filter(row -> !used.contains(row)).toList();
    }

    boolean knows(String event) {
        return rows.stream().anyMatch(row -> row.event().equals(event));
    }

    Set<String> abstracted() {
        return abstracted;
    }
}
