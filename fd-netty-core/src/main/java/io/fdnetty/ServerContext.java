package io.fdnetty;

import io.fdnetty.adoption.Listeners;
import io.fdnetty.migration.LiveConnections;
import io.netty.channel.EventLoop;
import java.util.concurrent.ExecutorService;

/**
 * What the parts of one server's upgrader share.
 *
 * @param control the one event loop of the control socket; the state of every upgrade lives on it
 * @param reserve descriptors for upgrades at the limit of open files
 * @param stateExecutor runs the author's state sections, one at a time
 */
record ServerContext(
        UpgradeSettings settings,
        StateSections sections,
        UpgradeEvents events,
        Rendezvous rendezvous,
        ControlSocket socket,
        EventLoop control,
        DescriptorReserve reserve,
        ExecutorService stateExecutor,
        Listeners listeners,
        LiveConnections live) {
    /** The threads that this library runs itself. */
    RunningThreads ownThreads() {
        return new RunningThreads()
                .add(control, "the event loop of the control socket")
                .add(stateExecutor, "the thread of the state sections")
                .add(events.executor(), "the thread of the upgrade listeners");
    }
}
