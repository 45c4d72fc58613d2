package io.fdnetty.internal.capture;

import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.gate.Refusal;
import io.fdnetty.internal.survey.AnswerCheck;
import io.fdnetty.internal.survey.ChannelAttributes;
import io.fdnetty.internal.survey.HandlerDecisions;
import io.fdnetty.internal.survey.PipelineSurvey;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveExplanation;
import io.fdnetty.move.MoveOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Collects what a move of a connection, with those that are linked to it, would bring. Event loop only. */
public final class Explainer {
    private static final InternalLogger logger = InternalLoggerFactory.getInstance(Explainer.class);
    private static final long SECONDS = 10;

    private final TrackedConnection connection;
    private final Set<String> never = new LinkedHashSet<>();
    private final Set<String> notNow = new LinkedHashSet<>();
    private final List<String> along = new ArrayList<>();
    private final List<String> behind = new ArrayList<>();

    private Explainer(TrackedConnection connection) {
        this.connection = connection;
    }

    /**
     * Explains what a move of this channel's connection would bring. Its handlers are asked as for a move, so that one
     * may hold back what comes in for a moment.
     *
     * <p>Any thread, which waits for the event loop.
     *
     * @throws IllegalStateException if the event loop does not answer for ten seconds
     */
    public static MoveExplanation of(Channel channel) {
        TrackedConnection connection = TrackedConnection.of(channel);
        if (connection == null) {
            String line = "it was not brought up by a handler of Upgrader.movable or Upgrader.outbound";
            return new MoveExplanation("", List.of(line), List.of(), List.of(), List.of());
        }
        if (channel.eventLoop().inEventLoop()) {
            return of(connection, true);
        }
        Future<MoveExplanation> explained = channel.eventLoop().submit(() -> of(connection, true));
        if (!explained.awaitUninterruptibly(SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the event loop of " + channel + " does not answer");
        }
        if (explained.cause() != null) {
            throw new IllegalStateException(channel + " cannot be explained", explained.cause());
        }
        return explained.getNow();
    }

    /** Logs what becomes of connections like this one, as far as the pipelines tell. */
    public static void log(TrackedConnection connection) {
        MoveExplanation explanation = of(connection, false);
        if (explanation.canMove()) {
            logger.debug("When this process is upgraded: {}", explanation);
        } else {
            logger.warn("When this process is upgraded: {}", explanation);
        }
    }

    private static MoveExplanation of(TrackedConnection connection, boolean asks) {
        return new Explainer(connection.leader()).explain(asks);
    }

    private MoveExplanation explain(boolean asks) {
        if (connection.isStopped()) {
            notNow.add("it is being moved");
        }
        for (TrackedConnection part : connection.group()) {
            explain(part, asks && !connection.isStopped());
        }
        return new MoveExplanation(
                connection.kind(), List.copyOf(never), List.copyOf(notNow), List.copyOf(along), List.copyOf(behind));
    }

    private void explain(TrackedConnection part, boolean asks) {
        Channel channel = part.channel();
        MoveOptions options = part.initializer().options();
        PipelineSurvey survey = PipelineSurvey.of(channel, options, null);
        List<Refusal> refusals = new ArrayList<>(new CapturePart(part).lasting());
        HandlerDecisions decisions = survey.ask(part::wakeCapture);
        refusals.addAll(survey.refusals(decisions));
        if (asks && !Refusal.isNever(refusals)) {
            refusals.addAll(decisions.prepare());
            new AnswerCheck(channel, options).add(refusals);
        }
        refusals.forEach(refusal -> add(part, refusal));
        for (ChannelHandlerContext context : survey.stateful()) {
            along.add("the state " + ((MovableHandler) context.handler()).stateName());
        }
        addAttributes(new ChannelAttributes(channel, options));
        if (part.isMember()) {
            along.add("its linked " + part.kind() + " connection");
        }
    }

    private void addAttributes(ChannelAttributes attributes) {
        attributes.declared().forEach(name -> along.add("the attribute " + name));
        attributes.undeclared().forEach(name -> behind.add("the attribute " + name));
    }

    private void add(TrackedConnection part, Refusal refusal) {
        Refusal named = part.isMember() ? refusal.ofLinked(part.kind()) : refusal;
        (named.when() == Refusal.When.NEVER ? never : notNow).add(named.reason());
    }
}
