package io.fdnetty.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.ChannelHandler;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MoveVerifierTest {
    private static final String CONVERSATION = "Ada\none\ntwo\nthree\n";
    private static final int POSITIONS = CONVERSATION.length() + 1;

    private static MoveVerifier verifier(Supplier<? extends ChannelHandler> session) {
        return MoveVerifier.of(channel -> LineServer.pipeline(channel, session.get()))
                .options(LineServer.OPTIONS)
                .sending(CONVERSATION);
    }

    @Test
    void aHandlerThatIsRightMovesBetweenAnyTwoBytes() throws Exception {
        VerifiedMoves moves = verifier(Sessions.Right::new).verify();
        moves.assertMovedEverywhere();
        assertThat(moves.moved()).hasSize(POSITIONS);
    }

    @Test
    void aFieldThatIsLostIsSeenInTheAnswerAndThePositionIsNamed() {
        assertThatThrownBy(verifier(Sessions.Forgetful::new)::verify)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("position 8 of 18, after \"Ada\\none\\n\": the connection that moved differs: "
                        + "from byte 10 of the answer on it got \"1\\nAda 2\\n\", one that stays gets \"2\\nAda 3\\n\"")
                .hasMessageContaining("and 5 more");
    }

    @Test
    void aHandlerThatNeverMovesIsNamedWithItsReason() {
        assertThatThrownBy(verifier(Sessions.Sticky::new)::verify)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no connection moved")
                .hasMessageContaining("it is glued to this process");
    }

    @Test
    void aConnectionThatIsNotAtAPointWhereItMayMoveStaysAndMovesLater() throws Exception {
        VerifiedMoves moves = verifier(Sessions.Shy::new).verify();
        assertThat(moves.moved()).hasSize(POSITIONS - 4).doesNotContain(0, 1, 2, 3);
        assertThatThrownBy(moves::assertMovedEverywhere)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("[0, 1, 2, 3]")
                .hasMessageContaining("the name is not known");
    }

    @Test
    void aStateThatCannotBeReadIsNamedWithWhatWasThrown() {
        assertThatThrownBy(verifier(Sessions.Broken::new)::verify)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("it could leave and was not taken")
                .hasMessageContaining("no idea what this is");
    }

    @Test
    void aConnectionMovesToAnotherVersion() throws Exception {
        verifier(Sessions.Right::new)
                .to(channel -> LineServer.pipeline(channel, new Sessions.Shy()), LineServer.OPTIONS)
                .verify()
                .assertMovedEverywhere();
    }

    @Test
    void aBufferThatIsLostOnTheWayFails() {
        assertThatThrownBy(verifier(Sessions.Leaky::new)::verify)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("buffers leaked");
    }
}
