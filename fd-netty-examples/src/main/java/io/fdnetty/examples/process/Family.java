package io.fdnetty.examples.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * The processes that go on with what this one has handed over: its children, those that the kernel gave to it because
 * their parent ended, and whatever has the same word in its command line. Linux only; elsewhere it has no members.
 * Thread-safe.
 *
 * <p>Java waits for the children that it started itself, and so nothing is left of them in the table of processes. What
 * an adopted child leaves there stays until this process ends; its status is read from there.
 *
 * <p>Source: proc_pid_stat(5), waitpid(2).
 */
public final class Family {
    private static final long LOOK_MILLIS = 250;

    private final String word;
    private final List<Process> own = new CopyOnWriteArrayList<>();

    /** @param word an argument that only its members have, whole */
    public Family(String word) {
        this.word = word;
    }

    /** A child that this process has started. */
    public void add(Process child) {
        own.add(child);
    }

    /** Asks every member to end. */
    public void terminate() {
        members().forEach(member -> ProcessHandle.of(member.pid()).ifPresent(ProcessHandle::destroy));
    }

    /**
     * Waits until no member lives.
     *
     * @return the exit status of the youngest child, as a shell shows it; 0 if that is not known
     */
    public int awaitEnd() throws InterruptedException {
        Ends ends = new Ends();
        List<Entry> members = members();
        while (!members.isEmpty() || !own.isEmpty()) {
            Optional<Process> child = latestChild(members);
            if (child.isPresent()) {
                ends.add(child.get().pid(), child.get().waitFor());
                own.remove(child.get());
            } else {
                Entry latest = members.get(members.size() - 1);
                awaitEnd(latest).ifPresent(status -> ends.add(latest.pid(), status));
            }
            members = members();
        }
        return ends.status;
    }

    /**
     * The status of the youngest that has ended: older ones, whose end may be looked at later, have handed over to it.
     */
    private static final class Ends {
        private long youngest;
        private int status;

        void add(long pid, int itsStatus) {
            if (pid > youngest) {
                youngest = pid;
                status = itsStatus;
            }
        }
    }

    /**
     * A child of our own that is the latest member, or has ended; the other members drain. A child that is no member
     * any more has ended too, though Java may learn so a moment later than the kernel's table shows it.
     */
    private Optional<Process> latestChild(List<Entry> members) {
        long latest = members.isEmpty() ? 0 : members.get(members.size() - 1).pid();
        return own.stream()
                .filter(child -> members.isEmpty() || !child.isAlive() || child.pid() == latest)
                .findFirst();
    }

    private static Optional<Integer> awaitEnd(Entry member) throws InterruptedException {
        Optional<Entry> now = Optional.of(member);
        while (now.isPresent() && !now.get().hasEnded()) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            now = Entry.of(member.pid());
        }
        return now.filter(Entry::isChild).map(Entry::exitStatus);
    }

    /** Those that live, oldest first. */
    private List<Entry> members() {
        return ProcessHandle.allProcesses()
                .filter(process -> !process.equals(ProcessHandle.current()))
                .flatMap(process -> Entry.of(process.pid()).stream())
                .filter(entry -> !entry.hasEnded() && (entry.isChild() || entry.hasArgument(word)))
                .sorted(Comparator.comparingLong(Entry::startTicks))
                .toList();
    }

    /**
     * A process in the kernel's table.
     *
     * @param stat its state and what follows it
     */
    private record Entry(long pid, List<String> stat) {
        private static final int STATE = 0;
        private static final int PARENT = 1;
        private static final int START = 19;
        private static final int WAIT_STATUS = 49;

        static Optional<Entry> of(long pid) {
            try {
                String line = Files.readString(file(pid, "stat"), UTF_8);
                String[] fields =
                        line.substring(line.lastIndexOf(')') + 1).strip().split(" ", -1); // a name may hold anything
                return fields.length > WAIT_STATUS ? Optional.of(new Entry(pid, List.of(fields))) : Optional.empty();
            } catch (IOException gone) {
                return Optional.empty();
            }
        }

        private static Path file(long pid, String name) {
            return Path.of("/proc", String.valueOf(pid), name);
        }

        boolean hasEnded() {
            return stat.get(STATE).equals("Z");
        }

        boolean isChild() {
            return stat.get(PARENT)
                    .equals(String.valueOf(ProcessHandle.current().pid()));
        }

        long startTicks() {
            return Long.parseLong(stat.get(START));
        }

        int exitStatus() {
            int status = Integer.parseInt(stat.get(WAIT_STATUS));
            int signal = status & 0x7f;
            return signal == 0 ? (status >> 8) & 0xff : 128 + signal;
        }

        boolean hasArgument(String word) {
            try {
                return List.of(Files.readString(file(pid, "cmdline"), UTF_8).split("\0", -1))
                        .contains(word);
            } catch (IOException gone) {
                return false;
            }
        }
    }
}
