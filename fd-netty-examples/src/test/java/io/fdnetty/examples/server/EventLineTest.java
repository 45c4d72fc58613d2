package io.fdnetty.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventLineTest {
    @Test
    void plainValuesStandAsTheyAre() {
        EventLine line = EventLine.of("listening").with("pid", 4711).with("port", 80);

        assertThat(line).hasToString("event=listening pid=4711 port=80");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "a \"quoted\" word", "back\\slash", "two\nlines", "a=b", "\\n", "ende \\"})
    void anyValueComesBack(String value) {
        EventLine line = EventLine.of("upgrade-failed").with("reason", value).with("pid", 1);

        EventLine parsed = EventLine.parse(line.toString()).orElseThrow();

        assertThat(line.toString()).doesNotContain("\n");
        assertThat(parsed.get("reason")).isEqualTo(value);
        assertThat(parsed.number("pid")).isEqualTo(1);
        assertThat(parsed.event()).isEqualTo("upgrade-failed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello", " event=x", "event=x and more", "event=x reason=\"open"})
    void otherTextIsNoEvent(String line) {
        assertThat(EventLine.parse(line)).isEmpty();
    }

    @Test
    void aMissingNumberIsMinusOne() {
        assertThat(EventLine.of("x").with("text", "a").number("text")).isEqualTo(-1);
        assertThat(EventLine.of("x").number("moved")).isEqualTo(-1);
    }
}
