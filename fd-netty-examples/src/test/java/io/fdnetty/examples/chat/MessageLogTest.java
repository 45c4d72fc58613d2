package io.fdnetty.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MessageLogTest {
    @Test
    void numbersMessagesFromOneOn() {
        MessageLog log = new MessageLog(0);

        log.add(1, "ada", "a");
        log.add(2, "ada", "b");

        assertThat(log.first()).isEqualTo(1);
        assertThat(log.last()).isEqualTo(2);
        assertThat(log.after(1, 10)).extracting(Message::text).containsExactly("b");
    }

    @Test
    void forgetsTheOldestWhenThereAreTooMany() {
        MessageLog log = new MessageLog(0);

        for (int i = 0; i < MessageLog.MAX_MESSAGES + 5; i++) {
            log.add(i, "ada", "text " + i);
        }

        assertThat(log.all()).hasSize(MessageLog.MAX_MESSAGES);
        assertThat(log.first()).isEqualTo(6);
        assertThat(log.all().get(0).sequence()).isEqualTo(6);
        assertThatThrownBy(() -> log.after(4, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void forgetsTheOldestWhenTheyAreTooLarge() {
        MessageLog log = new MessageLog(0);
        String large = "x".repeat(Wording.MAX_TEXT_CHARS);

        for (int i = 0; i < 1000; i++) {
            log.add(i, "ada", large);
        }

        assertThat(log.all().stream().mapToInt(Message::size).sum())
                .isBetween(MessageLog.MAX_BYTES - 2 * Wording.MAX_TEXT_CHARS, MessageLog.MAX_BYTES);
        assertThat(log.last()).isEqualTo(1000);
    }

    @Test
    void aCopyGoesItsOwnWay() {
        MessageLog log = new MessageLog(7);
        log.add(1, "ada", "a");
        MessageLog copy = log.copy();

        log.add(2, "ada", "b");

        assertThat(copy.last()).isEqualTo(8);
        assertThat(copy.add(3, "bob", "c").sequence()).isEqualTo(9);
        assertThat(log.all()).extracting(Message::text).containsExactly("a", "b");
    }
}
