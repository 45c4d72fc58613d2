package io.fdnetty.examples.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTest {
    @Test
    void understandsEachRequest() throws Exception {
        assertThat(Request.parse("{\"type\":\"join\",\"room\":\" lobby \",\"name\":\"ada\",\"after\":7}"))
                .isEqualTo(new Request.Join("lobby", "ada", 7));
        assertThat(Request.parse("{\"type\":\"say\",\"text\":\"a\\nb\",\"unknown\":true}"))
                .isEqualTo(new Request.Say("a\nb"));
        assertThat(Request.parse("{\"type\":\"ping\",\"id\":42}")).isEqualTo(new Request.Ping(42));
        assertThat(Request.parse("{\"type\":\"upgrade\"}")).isEqualTo(new Request.Upgrade());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "[]",
                "{",
                "{\"type\":\"say\"",
                "{\"type\":\"ping\"} {}",
                "{\"type\":\"dance\"}",
                "{\"type\":\"say\"}",
                "{\"type\":\"say\",\"text\":\"  \"}",
                "{\"type\":\"say\",\"text\":{\"a\":1}}",
                "{\"type\":\"say\",\"text\":[\"a\"]}",
                "{\"type\":\"ping\",\"id\":1.5}",
                "{\"type\":\"ping\",\"id\":99999999999999999999999}",
                "{\"type\":\"join\",\"room\":\"\",\"name\":\"ada\"}",
                "{\"type\":\"join\",\"room\":\"r\",\"name\":\"0123456789012345678901234\"}",
            })
    void refusesEverythingElse(String text) {
        assertThatThrownBy(() -> Request.parse(text)).isInstanceOf(RefusedException.class);
    }

    @Test
    void refusesWhatIsTooLongOrHasTooManyFields() {
        String text = "x".repeat(Wording.MAX_TEXT_CHARS + 1);
        assertThatThrownBy(() -> Request.parse("{\"type\":\"say\",\"text\":\"" + text + "\"}"))
                .isInstanceOf(RefusedException.class);
        StringBuilder many = new StringBuilder("{\"type\":\"upgrade\"");
        for (int i = 0; i < 50; i++) {
            many.append(",\"f").append(i).append("\":1");
        }
        assertThatThrownBy(() -> Request.parse(many + "}")).isInstanceOf(RefusedException.class);
    }

    @Test
    void halfASurrogatePairAndControlCharactersAreLeftOut() throws Exception {
        Request.Say say = (Request.Say) Request.parse("{\"type\":\"say\",\"text\":\"a\\ud800b\\u0007c\\u2028d 😀\"}");

        assertThat(say.text()).isEqualTo("abcd 😀");
        assertThat(new String(Frames.message(1, 2, "ada", say.text()), UTF_8)).contains("\"abcd ");
    }

    @Test
    void namesThatLookAlikeAreAlike() throws Exception {
        assertThat(Wording.name("a\u202Eda\u200B")).isEqualTo("ada");
    }
}
