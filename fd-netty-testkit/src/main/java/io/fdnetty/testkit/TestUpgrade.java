package io.fdnetty.testkit;

import io.fdnetty.UpgradeReport;
import io.fdnetty.Upgrader;
import io.fdnetty.UpgraderBuilder;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A server that is upgraded within a test: the old one and the new one in this JVM, over a real control socket.
 *
 * <pre>{@code
 * try (TestUpgrade<MyServer> upgrade = TestUpgrade.start(MyServer::start);
 *         MyClient client = new MyClient(upgrade.server().port())) {
 *     client.talk();
 *     upgrade.upgrade();
 *     upgrade.assertNothingKept();
 *     client.talk();
 * }
 * }</pre>
 *
 * <p>{@link #close} ends the server and fails if more sockets, pipes or files are open than when it began (on Linux),
 * or if a buffer has leaked (if Netty's leak detection is set to advanced or paranoid before the first buffer is made).
 * So clients are closed first, and tests that open sockets do not run at the same time in one JVM, or
 * {@link #ignoringLeaks ignore} them.
 *
 * <p>Used by one thread. Nothing of it needs a test framework; for JUnit 5 there is {@link UpgradeExtension}, too.
 *
 * @param <S> the author's server
 */
public final class TestUpgrade<S extends AutoCloseable> implements AutoCloseable {
    private static final Duration DRAIN = Duration.ofSeconds(2);

    private final OpenDescriptors before = OpenDescriptors.now();
    private final BufferLeaks buffers = BufferLeaks.watch();
    private final Path directory;
    private final UnaryOperator<UpgraderBuilder> settings;
    private final ServerStarter<S> starter;
    private @Nullable Generation<S> current;
    private @Nullable UpgradeReport last;
    private boolean checksLeaks = true;

    private TestUpgrade(UnaryOperator<UpgraderBuilder> settings, ServerStarter<S> starter) throws IOException {
        this.settings = settings;
        this.starter = starter;
        this.directory = Files.createTempDirectory("fdn-"); // mode 0700
    }

    /** Starts a server, the first of its kind. */
    public static <S extends AutoCloseable> TestUpgrade<S> start(ServerStarter<S> starter) throws Exception {
        return start(UnaryOperator.identity(), starter);
    }

    /**
     * Starts a server, the first of its kind.
     *
     * @param settings what is special about its upgrades, such as state sections; called for each generation.
     *     Connections that stay are closed after 2 s unless it says otherwise
     */
    public static <S extends AutoCloseable> TestUpgrade<S> start(
            UnaryOperator<UpgraderBuilder> settings, ServerStarter<S> starter) throws Exception {
        TestUpgrade<S> upgrade = new TestUpgrade<>(settings, starter);
        try {
            upgrade.current = upgrade.next(starter);
            return upgrade;
        } catch (Throwable e) {
            upgrade.deleteDirectory();
            throw e;
        }
    }

    private Generation<S> next(ServerStarter<S> version) throws Exception {
        UpgraderBuilder builder =
                Upgrader.builder(directory.resolve("upgrade.sock")).drainTimeout(DRAIN);
        return Generation.start(settings.apply(builder), version);
    }

    /** Lets {@link #close} look for no leaks. Returns this. */
    public TestUpgrade<S> ignoringLeaks() {
        checksLeaks = false;
        return this;
    }

    /** The server that serves now. */
    public S server() {
        return serving().server();
    }

    /** The upgrader of the server that serves now: to {@linkplain Upgrader#explain explain} a connection, say. */
    public Upgrader upgrader() {
        return serving().upgrader();
    }

    private Generation<S> serving() {
        if (current == null) {
            throw new IllegalStateException("the server has been closed");
        }
        return current;
    }

    /** Like {@link #upgrade(ServerStarter)}, to the same version. */
    public UpgradeReport upgrade() throws Exception {
        return upgrade(starter);
    }

    /**
     * Upgrades the server, and closes the old one. Returns when each of its connections has moved or ended: connections
     * that stay are closed at the drain deadline.
     *
     * @param newVersion starts the next version
     * @return what became of the connections, as the old server reports it
     * @throws io.fdnetty.UpgradeException if the upgrade fails; the old server serves on
     */
    public UpgradeReport upgrade(ServerStarter<S> newVersion) throws Exception {
        return upgrade(newVersion, () -> {});
    }

    /** What a test does while both servers run. */
    interface Meanwhile {
        void run() throws Exception;
    }

    /** Does something when the new server serves, and before the old one has drained. */
    UpgradeReport upgrade(ServerStarter<S> newVersion, Meanwhile meanwhile) throws Exception {
        Generation<S> old = serving();
        current = next(newVersion);
        try (old) {
            meanwhile.run();
            last = old.handedOver();
            return last;
        }
    }

    /**
     * Fails if a connection stayed behind in the last upgrade, with the reasons.
     *
     * @throws IllegalStateException if there was none
     */
    public void assertNothingKept() {
        if (last == null) {
            throw new IllegalStateException("there was no upgrade");
        }
        assertNothingKept(last);
    }

    /** Fails if the report says that a connection stayed behind, with the reasons. */
    public static void assertNothingKept(UpgradeReport report) {
        Map<String, Long> reasons = report.keptReasons();
        if (report.kept() > 0 || !reasons.isEmpty()) {
            String why = reasons.entrySet().stream()
                    .map(reason -> "\n  " + reason.getValue() + " x " + reason.getKey())
                    .collect(Collectors.joining());
            long kept = reasons.values().stream().mapToLong(Long::longValue).sum();
            throw new AssertionError(
                    Math.max(kept, report.kept()) + " connections stayed, " + report.moved() + " moved:" + why);
        }
    }

    /** Ends the server; fails if something has leaked. Does nothing if it is closed. */
    @Override
    public void close() {
        Generation<S> end = current;
        if (end == null) {
            return;
        }
        current = null;
        try {
            end.close();
        } finally {
            deleteDirectory();
        }
        if (checksLeaks) {
            before.assertNothingOpened();
            buffers.assertNothingLeaked();
        }
    }

    private void deleteDirectory() {
        File[] files = directory.toFile().listFiles();
        for (File file : files == null ? new File[0] : files) {
            file.delete();
        }
        directory.toFile().delete();
    }
}
