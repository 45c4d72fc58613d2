package io.fdnetty.internal.arrival;

import io.fdnetty.internal.protocol.HandlerState;
import io.fdnetty.internal.survey.PipelineSurvey;
import io.fdnetty.move.MovableHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives the saved states to the handlers of a fresh pipeline. Event loop only. */
final class StateRestoration {
    private StateRestoration() {}

    /** Restores; returns why that failed, null if every state found its handler. */
    static @Nullable String restore(PipelineSurvey survey, List<HandlerState> states) {
        Map<String, HandlerState> missing = new LinkedHashMap<>();
        states.forEach(state -> missing.put(state.name(), state));
        for (ChannelHandlerContext context : survey.stateful()) {
            HandlerState state = missing.remove(((MovableHandler) context.handler()).stateName());
            String failure = state == null ? null : restore(context, state);
            if (failure != null) {
                return failure;
            }
        }
        return missing.isEmpty() ? null : "no handler takes the state " + String.join(", ", missing.keySet());
    }

    private static @Nullable String restore(ChannelHandlerContext context, HandlerState state) {
        MovableHandler handler = (MovableHandler) context.handler();
        int version = state.version();
        if (version < handler.oldestStateVersion() || version > handler.stateVersion()) {
            return "state " + state.name() + " has version " + version + ", its handler takes "
                    + handler.oldestStateVersion() + " to " + handler.stateVersion();
        }
        ByteBuf bytes = state.bytes().duplicate();
        try {
            handler.restoreState(context, version, bytes);
        } catch (Throwable e) { // or its predecessor would wait for the answer
            return "restoring the state " + state.name() + " failed: " + e;
        }
        return null;
    }
}
