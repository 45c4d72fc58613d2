package io.fdnetty.migration;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects what a move of a connection, with those that are linked to it, would bring. Event loop only. */
final class Explainer {
    private final TrackedConnection connection;
    private final Set<String> never = new LinkedHashSet<>();
    private final Set<String> notNow = new LinkedHashSet<>();
    private final List<String> along = new ArrayList<>();
    private final List<String> behind = new ArrayList<>();

    private Explainer(TrackedConnection connection) {
        this.connection = connection;
    }

    static MoveExplanation ofNoKind() {
        String line = "it was not brought up by a handler of Upgrader.movable or Upgrader.outbound";
        return new MoveExplanation("", List.of(line), List.of(), List.of(), List.of());
    }

    /** As far as the pipelines tell, without asking handlers for a move. */
    static MoveExplanation ofPipelines(TrackedConnection connection) {
        return new Explainer(connection.leader()).explain(false);
    }

    /** Asks the handlers, too. */
    static MoveExplanation of(TrackedConnection connection) {
        return new Explainer(connection.leader()).explain(true);
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
        Survey survey = Survey.of(channel, options, null);
        List<Refusal> refusals = new ArrayList<>(new CapturePart(part).lasting());
        refusals.addAll(survey.refusals());
        if (asks && !Refusal.isNever(refusals)) {
            survey.askHandlers(part::wakeCapture, refusals);
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
