package io.fdnetty.internal.sys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What limits the number of threads of this process, for people: the user's limit and those of the control groups.
 *
 * <p>A look at files of the kernel: not on an event loop. Source: getrlimit(2) on RLIMIT_NPROC, proc(5), cgroups(7).
 */
public final class ThreadLimits {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Path GROUPS = Path.of("/proc/self/cgroup");
    private static final Path UNIFIED = Path.of("/sys/fs/cgroup");
    private static final Path PIDS = UNIFIED.resolve("pids");
    private static final String USER = "Max processes";
    private static final String NONE = "max";

    private ThreadLimits() {}

    /** Names each limit with its value; empty where there is none, or the kernel does not say. */
    public static String describe() {
        List<String> limits = new ArrayList<>();
        addUserLimit(limits);
        addGroupLimits(limits);
        return String.join(", ", limits);
    }

    private static void addUserLimit(List<String> limits) {
        for (String line : lines(LIMITS)) {
            if (line.startsWith(USER)) {
                String soft = line.substring(USER.length()).strip().split("\\s+", 2)[0];
                if (!soft.equals("unlimited")) {
                    limits.add("ulimit -u (LimitNPROC= of systemd) is " + soft + " threads of this user");
                }
            }
        }
    }

    /** Lines are {@code number:controllers:path}; the unified hierarchy has no controllers in its line. */
    private static void addGroupLimits(List<String> limits) {
        for (String line : lines(GROUPS)) {
            String[] fields = line.split(":", 3);
            if (fields.length == 3 && fields[1].isEmpty()) {
                addGroupLimit(UNIFIED, fields[2], limits);
            } else if (fields.length == 3 && List.of(fields[1].split(",", -1)).contains("pids")) {
                addGroupLimit(PIDS, fields[2], limits);
            }
        }
    }

    private static void addGroupLimit(Path hierarchy, String group, List<String> limits) {
        Path at = hierarchy.resolve(group.substring(1)).normalize();
        while (at != null && at.startsWith(hierarchy)) {
            String most = firstLine(at.resolve("pids.max"));
            if (most != null && !most.equals(NONE)) {
                limits.add("pids.max (TasksMax= of systemd, --pids-limit of docker) is " + most + ", pids.current "
                        + firstLine(at.resolve("pids.current")));
            }
            at = at.getParent();
        }
    }

    private static @Nullable String firstLine(Path file) {
        List<String> lines = lines(file);
        return lines.isEmpty() ? null : lines.get(0);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException | RuntimeException unknown) {
            return List.of();
        }
    }
}
