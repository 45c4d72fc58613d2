package io.fdnetty.examples.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortTest {
    @Test
    void hostsAndAddressesAreUnderstood() {
        assertThat(HostPort.parse("localhost:80")).isEqualTo(new HostPort("localhost", 80));
        assertThat(HostPort.parse("127.0.0.1:0")).isEqualTo(new HostPort("127.0.0.1", 0));
        assertThat(HostPort.parse("[::1]:8080"))
                .isEqualTo(new HostPort("::1", 8080))
                .hasToString("[::1]:8080");
    }

    @ParameterizedTest
    @ValueSource(strings = {"8080", ":80", "a:", "a:65536", "a:999999", "::1:80", "a:b:1", "a:-1", ""})
    void anythingElseIsToldWhatAnAddressLooksLike(String text) {
        assertThatThrownBy(() -> HostPort.parse(text))
                .hasMessage("'" + text + "' is no address; write HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080");
    }
}
