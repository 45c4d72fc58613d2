package io.fdnetty.internal.successor;

import io.fdnetty.Role;
import io.fdnetty.channel.AncillarySocketChannel;
import io.fdnetty.channel.Lifeline;
import io.fdnetty.internal.machine.CommonAction;
import io.fdnetty.internal.machine.CommonEvent;
import io.fdnetty.internal.machine.Deadline;
import io.fdnetty.internal.machine.Deadlines;
import io.fdnetty.internal.machine.MachineDriver;
import io.fdnetty.internal.machine.SuccessorAction;
import io.fdnetty.internal.machine.SuccessorEvent;
import io.fdnetty.internal.machine.SuccessorHost;
import io.fdnetty.internal.machine.SuccessorMachine;
import io.fdnetty.internal.machine.SuccessorOutcome;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.Message;
import io.fdnetty.internal.protocol.SectionInfo;
import io.fdnetty.internal.sys.OneLine;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Drives a {@link SuccessorMachine}: the last handler of the pipeline of a control connection to the predecessor.
 *
 * <p>Owns the control channel and the life-line's read end and closes both at the end. What follows a state section on
 * the control socket is held until the section is loaded, so that the machine sees a world in which loading takes no
 * time.
 */
public final class SuccessorDriver extends MachineDriver<SuccessorEvent, SuccessorAction> {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(SuccessorDriver.class);

    private static final long STRAGGLER_MILLIS = 10;

    private final SuccessorHost host;
    private final SuccessorMachine machine;
    private final SectionLoader loader;
    private final Deque<SuccessorEvent> held = new ArrayDeque<>();
    private @Nullable Lifeline lifeline;
    private boolean began;
    private boolean accepting;
    private boolean writeFailed;

    /**
     * @param channel the control connection, registered with its loop
     * @param stateExecutor runs the author's loading code, one task at a time
     */
    public SuccessorDriver(
            AncillarySocketChannel channel, SuccessorHost host, Deadlines waits, Executor stateExecutor) {
        super(channel, waits);
        this.host = host;
        this.machine = new SuccessorMachine(host.hello(), (from, to, reason) -> host.phase(to.upgradePhase(), reason));
        this.loader = new SectionLoader(host, channel, stateExecutor, this::sectionRejected, this::releaseHeld);
    }

    /** The author has set up; from any thread. */
    public void authorReady() {
        later(new SuccessorEvent.AuthorReady());
    }

    /**
     * The author cannot or will not take over; from any thread. Too late, and without effect, once the listeners
     * accept.
     */
    public void authorFailed(String reason) {
        channel().eventLoop().execute(() -> {
            if (!accepting) {
                on(new SuccessorEvent.AuthorFailed(reason));
            }
        });
    }

    @Override
    protected List<SuccessorAction> decide(SuccessorEvent event) {
        return machine.on(event);
    }

    @Override
    protected SuccessorEvent common(CommonEvent event) {
        return event;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        began = true;
        on(new CommonEvent.Connected());
        ctx.fireChannelActive();
    }

    @Override
    protected void received(Message message) {
        inOrder(new CommonEvent.Received(message), isState(message));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (began) {
            loader.cut("the predecessor's end of the control socket closed");
            inOrder(new CommonEvent.PeerEnded("the predecessor's end of the control socket closed"), false);
        }
        ctx.fireChannelInactive();
    }

    private static boolean isState(Message message) {
        return message instanceof Message.StateBegin
                || message instanceof Message.StateChunk
                || message instanceof Message.StateEnd;
    }

    private void inOrder(SuccessorEvent event, boolean state) {
        if (!state) {
            loader.cut("the predecessor broke the section off");
        }
        if (held.isEmpty() && (state || !loader.isBusy())) {
            on(event);
        } else {
            held.add(event);
            loader.stopReading();
        }
    }

    private void releaseHeld() {
        while (!held.isEmpty() && !loader.isBusy()) {
            on(held.remove());
        }
        if (held.isEmpty()) {
            loader.goOnReading();
        }
    }

    private void sectionRejected(String section, String reason) {
        on(new SuccessorEvent.SectionRejected(section, reason));
    }

    @Override
    protected Role role() {
        return Role.SUCCESSOR;
    }

    @Override
    protected boolean mustHappen(SuccessorAction action) {
        return action instanceof SuccessorAction.StartUnits
                || action instanceof SuccessorAction.AbandonUnits
                || action instanceof SuccessorAction.AcceptFromHere
                || action instanceof SuccessorAction.ShutControl
                || action instanceof SuccessorAction.AskLifeline
                || action instanceof SuccessorAction.ServeAlone
                || action instanceof SuccessorAction.GiveUp
                || action instanceof SuccessorAction.ServerNow
                || action instanceof CommonAction.CloseControl
                || action instanceof SuccessorAction.End;
    }

    /** First the output ends, then what was not written has failed: no acknowledgement goes out behind our back. */
    @Override
    protected void failed(SuccessorAction action, Throwable cause) {
        String reason = action.getClass().getSimpleName() + " failed: " + cause;
        if (action instanceof CommonAction.Send || action instanceof SuccessorAction.SendAdopted) {
            unwritten(reason, cause);
        } else if (accepting) {
            on(new SuccessorEvent.Unreadable(reason));
        } else {
            on(new SuccessorEvent.AuthorFailed(reason));
        }
    }

    @Override
    protected void unwritten(Message message, Throwable cause) {
        unwritten(message.getClass().getSimpleName() + " was not written: " + cause, cause);
    }

    private void unwritten(String reason, Throwable cause) {
        on(new SuccessorEvent.Unreadable(reason));
        writeFailed(cause);
    }

    @Override
    protected void unread(Throwable cause) {
        on(new SuccessorEvent.Unreadable("the control socket cannot be read: " + cause));
    }

    @Override
    protected void broken(String reason) {
        logger.warn("The predecessor's bytes on the control socket cannot be understood: {}", OneLine.of(reason));
        inOrder(new SuccessorEvent.Unreadable(reason), false);
    }

    @Override
    protected void perform(SuccessorAction action) {
        if (action instanceof CommonAction.Send send) {
            send(send.message());
        } else if (action instanceof CommonAction common) {
            perform(common);
        } else {
            performOwn((SuccessorAction.Own) action);
        }
    }

    private void performOwn(SuccessorAction.Own action) {
        if (action instanceof SuccessorAction.KeepLifeline keep) {
            welcomed(keep.welcome());
        } else if (action instanceof SuccessorAction.AdoptListeners adopt) {
            inherit(adopt.listeners());
        } else if (action instanceof SuccessorAction.LoadState load) {
            loader.accept(load.message());
        } else if (action instanceof SuccessorAction.ReleaseOffer release) {
            offered(release.offer());
        } else if (action instanceof SuccessorAction.AcceptFromHere) {
            accepting = true;
            host.acceptFromHere();
        } else if (action instanceof SuccessorAction.Adopt adopt) {
            new ArrivingBatch(adopt.units()).adopt();
        } else if (action instanceof SuccessorAction.SendAdopted send) {
            sendAdopted(send.ids());
        } else if (action instanceof SuccessorAction.StartUnits start) {
            host.start(start.ids());
        } else if (action instanceof SuccessorAction.AbandonUnits abandon) {
            host.abandon(abandon.ids());
        } else {
            performEnding(action);
        }
    }

    private void performEnding(SuccessorAction.Own action) {
        if (action instanceof SuccessorAction.ShutControl) {
            channel().shutdownBoth();
        } else if (action instanceof SuccessorAction.AskLifeline) {
            askLifeline();
        } else if (action instanceof SuccessorAction.ServeAlone alone) {
            host.serveAlone(alone.reason(), alone.missingSections());
        } else if (action instanceof SuccessorAction.GiveUp giveUp) {
            host.giveUp(giveUp.reason());
        } else if (action instanceof SuccessorAction.ServerNow) {
            host.serverNow();
        } else if (action instanceof SuccessorAction.End end) {
            end(end.outcome());
        } else {
            throw new AssertionError(action);
        }
    }

    private void send(Message message) {
        boolean complete = message instanceof Message.Complete;
        send(message, written -> {
            if (!written.isSuccess()) {
                writeFailed(written.cause());
            } else if (complete) {
                on(new SuccessorEvent.CompleteWritten());
            }
        });
    }

    private void sendAdopted(List<Long> ids) {
        send(new Message.Adopted(ids), written -> {
            if (written.isSuccess()) {
                on(new SuccessorEvent.AdoptedWritten(ids));
            } else {
                writeFailed(written.cause());
            }
        });
    }

    private void writeFailed(@Nullable Throwable cause) {
        if (!writeFailed) {
            writeFailed = true;
            on(new SuccessorEvent.WriteFailed("a write to the control socket failed: " + cause));
        }
    }

    private void welcomed(Message.Welcome welcome) {
        try {
            lifeline = Lifeline.watch(welcome.lifeline());
            agree(welcome.descriptorsPerMessage());
            host.welcomed(welcome);
        } catch (IOException e) {
            on(new SuccessorEvent.AuthorFailed("the life-line cannot be used: " + e.getMessage()));
        } finally {
            welcome.discard();
        }
    }

    private void inherit(Message.Listeners listeners) {
        try {
            host.inherit(listeners);
        } catch (IOException | RuntimeException e) {
            on(new SuccessorEvent.AuthorFailed("the inherited sockets cannot be used: " + e.getMessage()));
        } finally {
            listeners.discard();
        }
    }

    private void offered(Message.Offer offer) {
        for (SectionInfo section : offer.finalSections()) {
            if (section.required() && !host.knows(section.name())) {
                sectionRejected(section.name(), "this version does not know it");
                return;
            }
        }
        host.offered(offer);
    }

    private void askLifeline() {
        Lifeline line = lifeline;
        if (line == null) {
            later(new SuccessorEvent.LifelineSaid(Lifeline.Word.SILENT));
            return;
        }
        Duration bound = Duration.ofMillis(waits().millis(Deadline.READ_OUT));
        line.listen(channel().eventLoop(), bound)
                .addListener((Future<Lifeline.Word> word) -> later(
                        new SuccessorEvent.LifelineSaid(word.isSuccess() ? word.getNow() : Lifeline.Word.SILENT)));
    }

    private void end(SuccessorOutcome outcome) {
        if (lifeline != null) {
            lifeline.close();
        }
        host.ended(outcome);
    }

    /**
     * The units of one frame: acknowledged together, once each of them is a channel or rejected; those that take long,
     * later.
     */
    private final class ArrivingBatch implements SuccessorHost.Arrivals {
        private final List<ConnectionUnit> units;
        private List<Long> adopted = new ArrayList<>();
        private int missing;
        private boolean waiting;

        ArrivingBatch(List<ConnectionUnit> units) {
            this.units = units;
            this.missing = units.size();
        }

        void adopt() {
            List<ConnectionUnit> whole = new ArrayList<>(units.size());
            for (ConnectionUnit unit : units) {
                if (unit.missingDescriptors() == 0) {
                    whole.add(unit);
                } else {
                    rejected(
                            unit.id(),
                            unit.missingDescriptors()
                                    + " of its descriptors did not arrive; is the limit of open files"
                                    + " (ulimit -n) too low?");
                    unit.release();
                }
            }
            if (!whole.isEmpty()) {
                host.adopt(whole, this);
            }
        }

        @Override
        public void adopted(long id) {
            adopted.add(id);
            settled();
        }

        @Override
        public void rejected(long id, String reason) {
            host.rejected(id, reason);
            on(new SuccessorEvent.UnitRejected(id, reason));
            settled();
        }

        private void settled() {
            missing--;
            if (missing == 0) {
                report();
            } else if (!waiting) {
                waiting = true;
                channel().eventLoop().schedule(this::goOnWithout, STRAGGLER_MILLIS, TimeUnit.MILLISECONDS);
            }
        }

        /** Those that are here stand still; they do not wait for an event loop that is busy. */
        private void goOnWithout() {
            waiting = false;
            report();
        }

        private void report() {
            if (!adopted.isEmpty()) {
                List<Long> here = adopted;
                adopted = new ArrayList<>();
                on(new SuccessorEvent.UnitsAdopted(here));
            }
        }
    }
}
