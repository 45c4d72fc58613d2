package io.fdnetty.internal.incumbent;

import io.fdnetty.Role;
import io.fdnetty.channel.AncillarySocketChannel;
import io.fdnetty.channel.Lifeline;
import io.fdnetty.internal.machine.CommonAction;
import io.fdnetty.internal.machine.CommonEvent;
import io.fdnetty.internal.machine.Deadline;
import io.fdnetty.internal.machine.Deadlines;
import io.fdnetty.internal.machine.IncumbentAction;
import io.fdnetty.internal.machine.IncumbentEvent;
import io.fdnetty.internal.machine.IncumbentHost;
import io.fdnetty.internal.machine.IncumbentMachine;
import io.fdnetty.internal.machine.IncumbentOutcome;
import io.fdnetty.internal.machine.IncumbentPhase;
import io.fdnetty.internal.machine.IncumbentTerms;
import io.fdnetty.internal.machine.MachineDriver;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.Message;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Drives an {@link IncumbentMachine} from the moment a peer has said HELLO.
 *
 * <p>Owns the life-line and the control channel and closes both at the end. To take units back it writes the
 * life-line's byte, shuts the control socket down, and reads the receive queue to its end: what the successor
 * acknowledged in there is the successor's.
 */
public final class IncumbentDriver extends MachineDriver<IncumbentEvent, IncumbentAction>
        implements IncumbentHost.Moves {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(IncumbentDriver.class);

    private final IncumbentHost host;
    private final IncumbentMachine machine;
    private final Map<Long, ConnectionUnit> captured = new HashMap<>();
    private Lifeline.@Nullable Holder lifeline;
    private boolean revoking;
    private boolean inactive;
    private boolean blind;

    /**
     * @param channel the control connection, whose pipeline has this as its last handler
     * @param terms what the successor must fulfil
     */
    public IncumbentDriver(AncillarySocketChannel channel, IncumbentHost host, Deadlines waits, IncumbentTerms terms) {
        super(channel, waits);
        this.host = host;
        this.machine = new IncumbentMachine(terms, (from, to, reason) -> host.phase(to.upgradePhase(), reason));
    }

    /** Begins with the HELLO that let the peer in. */
    public void start(Message.Hello hello) {
        on(new CommonEvent.Connected());
        received(hello);
    }

    /** Done when the control connection is closed. */
    public ChannelFuture closed() {
        return channel().closeFuture();
    }

    /** Calls the upgrade off: what is not the successor's yet stays here. */
    public void cancel(String reason) {
        on(new IncumbentEvent.Cancel(reason));
    }

    /**
     * The process ends: the upgrade goes on without waiting; should it fail, the successor serves as if this process
     * had died.
     */
    public void stop(String reason) {
        on(new IncumbentEvent.StopRequested(reason));
    }

    @Override
    protected List<IncumbentAction> decide(IncumbentEvent event) {
        return machine.on(event);
    }

    @Override
    protected IncumbentEvent common(CommonEvent event) {
        return event;
    }

    @Override
    protected Role role() {
        return Role.INCUMBENT;
    }

    @Override
    protected boolean mustHappen(IncumbentAction action) {
        return action instanceof IncumbentAction.ReleaseUnits
                || action instanceof IncumbentAction.ResumeUnits
                || action instanceof IncumbentAction.Revoke
                || action instanceof IncumbentAction.LetGo
                || action instanceof IncumbentAction.ResumeAccepting
                || action instanceof IncumbentAction.RoleHandedOver
                || action instanceof CommonAction.CloseControl
                || action instanceof IncumbentAction.End;
    }

    @Override
    protected void failed(IncumbentAction action, Throwable cause) {
        failed(action.getClass().getSimpleName(), cause.toString());
    }

    @Override
    protected void unwritten(Message message, Throwable cause) {
        failed("writing " + message.getClass().getSimpleName(), cause.toString());
    }

    /** An acknowledgement may be among what was lost. */
    @Override
    protected void unread(Throwable cause) {
        blind = true;
        failed("reading the control socket", cause.toString());
    }

    @Override
    protected void broken(String reason) {
        failed("protocol", reason);
    }

    @Override
    protected void perform(IncumbentAction action) {
        if (action instanceof CommonAction.Send send && send.message() instanceof Message.Cutover) {
            send(send.message(), written -> {
                if (written.isSuccess()) {
                    on(new IncumbentEvent.CutoverWritten());
                }
            });
        } else if (action instanceof CommonAction common) {
            perform(common);
        } else {
            performOwn((IncumbentAction.Own) action);
        }
    }

    private void performOwn(IncumbentAction.Own action) {
        if (action instanceof IncumbentAction.SendWelcome welcome) {
            welcome(welcome.version());
        } else if (action instanceof IncumbentAction.SendListenersAndState) {
            sendListenersAndState();
        } else if (action instanceof IncumbentAction.StopAccepting) {
            stage("stop accepting", host::stopAccepting, IncumbentEvent.AcceptingStopped::new);
        } else if (action instanceof IncumbentAction.StopConnections) {
            host.stopConnections(this);
        } else if (action instanceof IncumbentAction.StopWaiting) {
            host.stopWaiting();
        } else if (action instanceof IncumbentAction.SendFinalState) {
            stage(
                    "final state",
                    () -> host.sendState(channel(), true, progressOn(Deadline.FINAL_STATE, Deadline.STANDSTILL)),
                    IncumbentEvent.FinalStateSent::new);
        } else if (action instanceof IncumbentAction.MoveConnections) {
            host.moveConnections(this);
        } else if (action instanceof IncumbentAction.SendUnits send) {
            sendUnits(send.ids());
        } else if (action instanceof IncumbentAction.ReleaseUnits release) {
            host.release(release.ids());
        } else if (action instanceof IncumbentAction.ResumeUnits resume) {
            resumeUnits(resume);
        } else {
            performEnding(action);
        }
    }

    private void performEnding(IncumbentAction.Own action) {
        if (action instanceof IncumbentAction.Revoke) {
            revoke();
        } else if (action instanceof IncumbentAction.LetGo letGo) {
            letGo(letGo.reason());
        } else if (action instanceof IncumbentAction.ResumeAccepting resume) {
            host.resumeAccepting(resume.reason());
        } else if (action instanceof IncumbentAction.RoleHandedOver) {
            host.roleHandedOver();
        } else if (action instanceof IncumbentAction.End end) {
            end(end.outcome());
        } else {
            throw new AssertionError(action);
        }
    }

    private void welcome(int version) {
        try {
            Lifeline.Pair pair = Lifeline.open();
            lifeline = pair.holder();
            Message.Welcome welcome = host.welcome(version, pair.readEnd());
            int perMessage = welcome.descriptorsPerMessage();
            send(welcome, written -> {});
            agree(perMessage);
        } catch (IOException e) {
            later(new IncumbentEvent.LocalFailure("welcome", String.valueOf(e.getMessage())));
        }
    }

    private void sendListenersAndState() {
        if (lifeline == null) {
            return; // there is no WELCOME either, as the machine hears next
        }
        stage(
                "state",
                () -> {
                    send(host.listeners(), written -> {});
                    return host.sendState(channel(), false, progressOn(Deadline.STATE));
                },
                () -> new IncumbentEvent.StateSent(host.offer()));
    }

    private Runnable progressOn(Deadline... waits) {
        return () -> channel().eventLoop().execute(() -> List.of(waits).forEach(this::progress));
    }

    /** Something of the host's. */
    private interface Begin {
        CompletionStage<?> begin();
    }

    private interface Done {
        IncumbentEvent event();
    }

    private void stage(String step, Begin begin, Done done) {
        CompletionStage<?> stage;
        try {
            stage = begin.begin();
        } catch (RuntimeException e) {
            later(new IncumbentEvent.LocalFailure(step, reason(e)));
            return;
        }
        stage.whenComplete((result, thrown) -> channel()
                .eventLoop()
                .execute(() ->
                        on(thrown == null ? done.event() : new IncumbentEvent.LocalFailure(step, reason(thrown)))));
    }

    private static String reason(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    @Override
    public void send(List<ConnectionUnit> units) {
        List<Long> ids = new ArrayList<>(units.size());
        for (ConnectionUnit unit : units) {
            captured.put(unit.id(), unit);
            ids.add(unit.id());
        }
        on(new IncumbentEvent.UnitsCaptured(ids));
    }

    private void sendUnits(List<Long> ids) {
        List<ConnectionUnit> units = new ArrayList<>(ids.size());
        for (Long id : ids) {
            ConnectionUnit unit = captured.remove(id);
            if (unit != null) {
                units.add(unit);
            }
        }
        send(new Message.Connections(units), written -> progress(Deadline.STANDSTILL));
    }

    private void resumeUnits(IncumbentAction.ResumeUnits resume) {
        for (Long id : resume.ids()) {
            ConnectionUnit unsent = captured.remove(id);
            if (unsent != null) {
                unsent.release();
            }
        }
        host.resume(resume.ids(), resume.reason());
    }

    @Override
    public void stopped(long kept, long closed) {
        on(new IncumbentEvent.ConnectionsStopped(kept, closed));
    }

    /** Only the host knows what held it up. */
    @Override
    public void deadlineReached(Deadline wait) {
        if (wait == Deadline.STOP_CONNECTIONS) {
            on(new IncumbentEvent.LocalFailure("stopping the connections", host.unstopped()));
        } else {
            super.deadlineReached(wait);
        }
    }

    @Override
    public void passDone(long moved, long kept, long closed) {
        on(new IncumbentEvent.FirstPassDone(moved, kept, closed));
    }

    @Override
    public void drained() {
        on(new IncumbentEvent.Drained());
    }

    @Override
    public void failed(String step, String reason) {
        if (!revoking) {
            on(new IncumbentEvent.LocalFailure(step, reason));
        }
    }

    private void revoke() {
        revoking = true;
        takeBack();
        if (inactive) {
            channel().eventLoop().execute(this::readToEnd);
        } else {
            channel().shutdownBoth();
        }
    }

    private void letGo(String reason) {
        logger.warn(
                "{} The upgrade cannot be finished: {}. This process was stopped: it lets go of everything,"
                        + " and the successor serves if it lives",
                channel(),
                reason);
        if (lifeline != null) {
            lifeline.close();
        }
    }

    /** Nothing but a bug can make this fail: the pipe is empty, and one that nobody reads any more is no error. */
    private void takeBack() {
        try {
            if (lifeline != null) {
                lifeline.takeBack();
            }
        } catch (IOException e) {
            logger.error("{} the life-line cannot be written", channel(), e);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        inactive = true;
        if (revoking) {
            readToEnd();
        } else {
            on(new CommonEvent.PeerEnded("the successor's end of the control socket closed"));
        }
        ctx.fireChannelInactive();
    }

    /**
     * What may have been acknowledged is the successor's: if it was not, the connection ends, which is better than two
     * owners.
     */
    private void readToEnd() {
        if (blind && machine.unsettled() > 0) {
            received(machine.acknowledgement());
        }
        on(new IncumbentEvent.QueueReadToEnd());
    }

    /** Closing now would discard queued acknowledgements; drain first. */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (machine.phase() instanceof IncumbentPhase.Ended) {
            ctx.close(promise);
        } else {
            ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
            mute();
            failed("control socket", "this process closed it");
        }
    }

    /** The life-line goes last: while it is silent and open the successor waits. */
    private void end(IncumbentOutcome outcome) {
        captured.values().forEach(ConnectionUnit::release);
        captured.clear();
        Lifeline.Holder held = lifeline;
        if (held != null) {
            channel().closeFuture().addListener(closed -> held.close());
        }
        host.ended(outcome);
    }
}
