package io.fdnetty;

import io.fdnetty.internal.server.NettyVersion;
import io.fdnetty.internal.server.StateSections;
import io.fdnetty.internal.server.UpgradeSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Configures an {@link Upgrader}; every setting has a default. Used by one thread. */
public final class UpgraderBuilder {
    private static final int FRAME_OVERHEAD = 1 << 24;

    private final Path socket;
    private final StateSections.Builder sections = new StateSections.Builder();
    private final List<UpgradeListener> listeners = new ArrayList<>();
    private final Set<Integer> users = new HashSet<>();
    private String name = "server";
    private String version = "-";
    private Duration readyTimeout = Duration.ofSeconds(60);
    private Duration stepTimeout = Duration.ofSeconds(10);
    private Duration drainTimeout = Duration.ofSeconds(30);
    private int batch = 64;
    private int maxUnitBytes = 20 << 20;
    private @Nullable Duration together;

    UpgraderBuilder(Path socket) {
        this.socket = socket;
    }

    /** Names the application: a predecessor of another name refuses. Default {@code server}. */
    public UpgraderBuilder name(String application) {
        name = application;
        return this;
    }

    /** Names the application's version, for logs. */
    public UpgraderBuilder version(String applicationVersion) {
        version = applicationVersion;
        return this;
    }

    /** How long a successor may take from the moment it has the state until {@link Upgrader#ready()}. Default 60 s. */
    public UpgraderBuilder readyTimeout(Duration limit) {
        readyTimeout = limit;
        return this;
    }

    /** How long the other side may stand still in any other step. Default 10 s. */
    public UpgraderBuilder stepTimeout(Duration limit) {
        stepTimeout = limit;
        return this;
    }

    /**
     * How long connections that could not move may live on in this process after a successor took over. Default 30 s.
     */
    public UpgraderBuilder drainTimeout(Duration limit) {
        drainTimeout = limit;
        return this;
    }

    /**
     * How many connections of one event loop are captured together; a connection pauses for about one batch. Default
     * 64.
     */
    public UpgraderBuilder batch(int connections) {
        batch = connections;
        return this;
    }

    /**
     * How many unread and unwritten bytes may travel with one connection; one that holds more is kept. Default 20 MiB.
     */
    public UpgraderBuilder maxUnitBytes(int bytes) {
        maxUnitBytes = bytes;
        return this;
    }

    /** Like {@link #together(Duration)}, with 2 s. */
    public UpgraderBuilder together() {
        return together(Duration.ofSeconds(2));
    }

    /**
     * All connections move together or none: for servers whose connections share state (a chat room). All are stopped,
     * then the {@linkplain #finalState final state} is saved, then all move, then all start; if anything fails all live
     * on here, and the state was never in doubt. The pause of a connection is the whole move. In the new process all
     * are active before the first one reads. By default each moves as it can.
     *
     * <p>The running process decides: a successor follows, whatever its own builder says. Connections that can never
     * move (TLS, or none of a movable kind) stay and drain; they must not change the shared state.
     *
     * @param limit how long connections that are stopped wait for those that say "not now", before the upgrade fails
     */
    public UpgraderBuilder together(Duration limit) {
        together = limit;
        return this;
    }

    /**
     * Lets processes of another user take over as well, besides this process's own. The directory and the mode of the
     * socket must let them connect.
     */
    public UpgraderBuilder allowUser(int uid) {
        users.add(uid);
        return this;
    }

    /** Adds a section that is saved while the server still serves: what does not change, or may be a little old. */
    public UpgraderBuilder state(String section, StateSection handler) {
        sections.add(section, handler, false);
        return this;
    }

    /**
     * Adds a section that is saved when no connection is accepted any more, just before the successor accepts: it
     * should be small. {@linkplain #together() Together} no connection that moves runs by then, and it is loaded before
     * the first one arrives.
     */
    public UpgraderBuilder finalState(String section, StateSection handler) {
        sections.add(section, handler, true);
        return this;
    }

    /** Adds a listener of events. */
    public UpgraderBuilder listener(UpgradeListener listener) {
        listeners.add(listener);
        return this;
    }

    /**
     * Takes over the state from the predecessor that listens on the socket, or makes this process the first if there is
     * none. Blocks, bounded by the step timeout (restarted whenever the predecessor makes progress).
     *
     * @throws UpgradeException if a predecessor is there and refused or failed, in which case it serves on unchanged;
     *     or if the socket's path is not safe
     * @throws IllegalArgumentException if a setting is out of its bounds
     */
    public Upgrader build() throws UpgradeException {
        NettyVersion.check();
        UpgradeSettings settings = new UpgradeSettings(
                name,
                version,
                readyTimeout,
                stepTimeout,
                drainTimeout,
                batch,
                maxUnitBytes,
                maxUnitBytes + FRAME_OVERHEAD,
                together,
                users);
        return Upgrader.start(socket, settings, sections.build(), listeners);
    }

    /**
     * Like {@link #build()}, for a main method: what makes it fail is one line on standard error and ends the process
     * with status 1.
     */
    public Upgrader buildOrExit() {
        try {
            return build();
        } catch (UpgradeException e) {
            throw Exit.because(e);
        }
    }
}
