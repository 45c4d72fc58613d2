package io.fdnetty.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ChatRoomsTest {
    private final ChatRooms rooms = new ChatRooms();
    private final AtomicInteger woken = new AtomicInteger();

    @Test
    void everyMemberGetsEveryMessageOnceAndInOrder() throws Exception {
        Seat ada = join("ada");
        Seat bob = join("bob");
        rooms.say(ada, "one");
        assertThat(rooms.news(ada, 10).messages()).extracting(Message::text).containsExactly("one");
        rooms.say(bob, "two");

        assertThat(rooms.news(ada, 10).messages()).extracting(Message::text).containsExactly("two");
        assertThat(rooms.news(bob, 1).messages()).extracting(Message::text).containsExactly("one");
        assertThat(rooms.news(bob, 10).messages()).extracting(Message::text).containsExactly("two");
        assertThat(rooms.news(bob, 10).messages()).isEmpty();
        assertThat(woken).hasPositiveValue();
    }

    @Test
    void whoComesInSeesTheHistoryAndWhoComesAgainOnlyWhatIsNew() throws Exception {
        Seat ada = join("ada");
        for (int i = 1; i <= ChatRooms.HISTORY + 50; i++) {
            rooms.say(ada, "text " + i);
        }

        Seat bob = join("bob");
        Seat cleo = rooms.join("lobby", "cleo", ChatRooms.HISTORY + 40, () -> {});
        Seat dan = rooms.join("lobby", "dan", 1_000_000, () -> {});

        assertThat(rooms.news(bob, 1000).messages()).hasSize(ChatRooms.HISTORY);
        assertThat(rooms.news(cleo, 1000).messages()).hasSize(10);
        assertThat(rooms.news(dan, 1000).messages()).hasSize(ChatRooms.HISTORY);
    }

    @Test
    void aNameThatIsTakenGetsANumber() throws Exception {
        join("ada");

        assertThat(join("ada").name()).isEqualTo("ada 2");
        assertThat(join("ada").name()).isEqualTo("ada 3");
    }

    @Test
    void membersHearOnceWhoCameAndWent() throws Exception {
        Seat ada = join("ada");
        Seat bob = join("bob");

        assertThat(rooms.news(ada, 1).members()).containsExactly("ada", "bob");
        assertThat(rooms.news(ada, 1).members()).isNull();
        rooms.leave(bob);
        assertThat(rooms.news(ada, 1).members()).containsExactly("ada");
    }

    @Test
    void whoReadsTooSlowlyIsTold() throws Exception {
        Seat ada = join("ada");
        Seat slow = join("slow");

        for (int i = 0; i <= MessageLog.MAX_MESSAGES; i++) {
            rooms.say(ada, "text");
            rooms.news(ada, 10);
        }

        assertThat(rooms.news(slow, 10).isLost()).isTrue();
        assertThat(rooms.news(ada, 10).isLost()).isFalse();
    }

    @Test
    void aRoomIsFullSomeDay() throws Exception {
        for (int i = 0; i < ChatRooms.MAX_MEMBERS; i++) {
            join("ada");
        }

        assertThatThrownBy(() -> join("bob")).hasMessageContaining("full").isInstanceOf(RefusedException.class);
    }

    @Test
    void thereAreOnlySoManyRooms() throws Exception {
        for (int i = 0; i < ChatRooms.MAX_ROOMS; i++) {
            rooms.join("room " + i, "ada", 0, () -> {});
        }

        assertThatThrownBy(() -> join("bob")).hasMessageContaining("too many rooms");
    }

    @Test
    void theNextProcessGoesOnWhereEachMemberWas() throws Exception {
        Seat ada = join("ada");
        Seat bob = join("bob");
        rooms.say(ada, "one");
        rooms.say(ada, "two €");
        rooms.news(ada, 10);
        rooms.news(bob, 1);

        ChatRooms next = new ChatRooms();
        new RoomsSection(next).load(1, new ByteArrayInputStream(saved()));
        Seat adaThere = next.comeBack(new Place("lobby", "ada", 2), () -> {});
        Seat bobThere = next.comeBack(new Place("lobby", "bob", 1), () -> {});
        next.say(adaThere, "three");

        assertThat(next.news(adaThere, 10).messages()).extracting(Message::text).containsExactly("three");
        assertThat(next.news(bobThere, 10).messages()).extracting(Message::text).containsExactly("two €", "three");
        assertThat(next.last(adaThere)).isEqualTo(3);
    }

    @Test
    void aSavedRoomThatForgotKeepsItsNumbers() throws Exception {
        Seat ada = join("ada");
        for (int i = 1; i <= MessageLog.MAX_MESSAGES + 100; i++) {
            rooms.say(ada, "text " + i);
        }

        ChatRooms next = new ChatRooms();
        new RoomsSection(next).load(1, new ByteArrayInputStream(saved()));
        Seat bob = next.join("lobby", "bob", 0, () -> {});

        assertThat(next.last(bob)).isEqualTo(MessageLog.MAX_MESSAGES + 100);
        assertThat(next.news(bob, 1).messages())
                .extracting(Message::text)
                .containsExactly("text " + (MessageLog.MAX_MESSAGES + 101 - ChatRooms.HISTORY));
    }

    @Test
    void whoComesBackToNoRoomOrToTheFutureIsTurnedDown() throws Exception {
        join("ada");

        assertThatThrownBy(() -> rooms.comeBack(new Place("attic", "ada", 0), () -> {}))
                .isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> rooms.comeBack(new Place("lobby", "ada", 1), () -> {}))
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void stateThatIsCutShortOrBeyondItsBoundsIsRefused() throws Exception {
        rooms.say(join("ada"), "one");
        byte[] whole = saved();
        RoomsSection section = new RoomsSection(new ChatRooms());

        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> section.load(1, new ByteArrayInputStream(part)))
                    .isInstanceOf(EOFException.class);
        }
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        new DataOutputStream(many).writeShort(ChatRooms.MAX_ROOMS + 1);
        assertThatThrownBy(() -> section.load(1, new ByteArrayInputStream(many.toByteArray())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("too many");
    }

    @Test
    void nobodyComesInOnceTheRoomsAreSaved() throws Exception {
        saved();
        assertThat(rooms.isShut()).isTrue();

        rooms.open();
        assertThat(rooms.isShut()).isFalse();
    }

    private Seat join(String name) throws RefusedException {
        return rooms.join("lobby", name, 0, woken::incrementAndGet);
    }

    private byte[] saved() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new RoomsSection(rooms).save(out);
        return out.toByteArray();
    }
}
