package io.fdnetty.internal.machine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.protocol.ConnectionPart;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.Frame;
import io.fdnetty.internal.protocol.HandlerState;
import io.fdnetty.internal.protocol.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What carries somebody's bytes does not show them. */
class ToStringTest {
    private static final String SECRET = "hunter2";

    private static ByteBuf secret() {
        return Unpooled.copiedBuffer(SECRET, UTF_8);
    }

    @Test
    void messagesAndTheirPartsDoNotShowTheirBytes() {
        HandlerState state = new HandlerState("login", 1, secret());
        ConnectionPart part = LostParts.of("accepted", "tcp", 0, secret(), secret(), List.of(state));
        ConnectionUnit unit = new ConnectionUnit(1, "tcp", 1, 0, List.of(part));
        Message.Connections connections = new Message.Connections(List.of(unit));
        Message.StateChunk chunk = new Message.StateChunk(secret());
        Frame frame = Frame.of(6, false, secret());
        try {
            assertThat(List.of(state, part, unit, connections, chunk, frame))
                    .allSatisfy(each -> assertThat(each.toString()).doesNotContain(SECRET));
        } finally {
            connections.release();
            chunk.release();
            frame.release();
        }
    }
}
