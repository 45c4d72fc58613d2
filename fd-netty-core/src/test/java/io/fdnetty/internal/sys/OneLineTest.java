package io.fdnetty.internal.sys;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OneLineTest {
    @Test
    void whatCanBePrintedStaysAsItIs() {
        assertThat(OneLine.of("chat 1.2 \"b\u00fcro\" \u4f60\u597d \ud83d\ude00"))
                .isEqualTo("chat 1.2 \"b\u00fcro\" \u4f60\u597d \ud83d\ude00");
    }

    @Test
    void nothingBeginsALineOfItsOwnOrChangesHowOthersAreShown() {
        assertThat(OneLine.of("1\n2026 ERROR\r\t\u001b[2J\u2028\u202e\u0000\ud83d"))
                .isEqualTo("1\\u000a2026 ERROR\\u000d\\u0009\\u001b[2J\\u2028\\u202e\\u0000\\ud83d");
    }

    @Test
    void whatIsTooLongIsCut() {
        assertThat(OneLine.of("x".repeat(1000))).isEqualTo("x".repeat(600) + "... (400 more characters)");
    }
}
