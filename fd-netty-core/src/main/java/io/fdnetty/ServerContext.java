package io.fdnetty;

import io.fdnetty.adoption.Listeners;
import io.fdnetty.migration.LiveConnections;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

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
    /**
     * Goes on when the stage completes, however it does, or after this time: an event loop that it needs may not answer.
     *
     * @param next runs once, on the control loop
     */
    void whenDone(CompletionStage<?> stage, Duration patience, Runnable next) {
        Runnable once = new Runnable() {
            private boolean begun;

            @Override
            public void run() {
                if (!begun) {
                    begun = true;
                    next.run();
                }
            }
        };
        control.schedule(once, patience.toMillis(), TimeUnit.MILLISECONDS);
        stage.whenComplete((done, thrown) -> control.execute(once));
    }

    /** The threads that this library runs itself. */
    RunningThreads ownThreads() {
        return new RunningThreads()
                .add(control, "the event loop of the control socket")
                .add(stateExecutor, "the thread of the state sections")
                .add(events.executor(), "the thread of the upgrade listeners");
    }
}
