package io.fdnetty.internal.server;

import io.fdnetty.internal.connection.LiveConnections;
import io.fdnetty.internal.control.ControlPoint;
import io.fdnetty.internal.listener.Listeners;
import io.fdnetty.internal.report.ListenerNotifier;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * What is served, as the parts of one server's upgrader share it.
 *
 * @param point where upgrades are asked for
 * @param stateExecutor runs the author's state sections, one at a time
 */
public record Server(
        UpgradeSettings settings,
        StateSections sections,
        ListenerNotifier events,
        ControlPoint point,
        ExecutorService stateExecutor,
        Listeners listeners,
        LiveConnections live) {
    /** The event loop on which the state of every upgrade lives. */
    public EventLoop control() {
        return point.loop();
    }

    /**
     * Goes on when the stage completes, however it does, or after this time: an event loop that it needs may not
     * answer.
     *
     * @param next runs once, on the control loop
     */
    public void whenDone(CompletionStage<?> stage, Duration patience, Runnable next) {
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
        control().schedule(once, patience.toMillis(), TimeUnit.MILLISECONDS);
        stage.whenComplete((done, thrown) -> control().execute(once));
    }

    /** The threads that this library runs itself. */
    public RunningThreads ownThreads() {
        return new RunningThreads()
                .add(control(), "the event loop of the control socket")
                .add(stateExecutor, "the thread of the state sections")
                .add(events.executor(), "the thread of the upgrade listeners");
    }
}
