package io.fdnetty.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VisitorsTest {
    @ParameterizedTest
    @ValueSource(strings = {"localhost:8080", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST"})
    void aPageOfThisServerOpensItsSocket(String host) {
        assertThat(Visitors.ofLoopback().mayOpenSocket(headers(host, "http://" + host)))
                .isTrue();
    }

    @Test
    void aPageOfAnotherSiteDoesNot() {
        Visitors visitors = Visitors.ofLoopback();

        assertThat(visitors.mayOpenSocket(headers("localhost:8080", "https://example.org")))
                .isFalse();
        assertThat(visitors.mayOpenSocket(headers("localhost:8080", "http://localhost:9090")))
                .isFalse();
        assertThat(visitors.mayOpenSocket(headers("localhost:8080", "null"))).isFalse();
        assertThat(visitors.mayOpenSocket(headers("localhost:8080", "http://[broken")))
                .isFalse();
        assertThat(Visitors.ofAnyHost().mayOpenSocket(headers("chat.example.org", "https://example.org")))
                .isFalse();
    }

    @Test
    void aSiteWhoseNameResolvesToLoopbackDoesNot() {
        assertThat(Visitors.ofLoopback().mayOpenSocket(headers("example.org:8080", "http://example.org:8080")))
                .isFalse();
        assertThat(Visitors.ofLoopback().mayVisit(headers("example.org:8080", null)))
                .isFalse();
        assertThat(Visitors.ofLoopback().mayVisit(new DefaultHttpHeaders())).isFalse();
    }

    @Test
    void aClientThatIsNoBrowserDoes() {
        assertThat(Visitors.ofLoopback().mayOpenSocket(headers("127.0.0.1:8080", null)))
                .isTrue();
        assertThat(Visitors.ofAnyHost().mayOpenSocket(headers("chat.example.org", null)))
                .isTrue();
    }

    private static HttpHeaders headers(String host, String origin) {
        HttpHeaders headers = new DefaultHttpHeaders().set("Host", host);
        return origin == null ? headers : headers.set("Origin", origin);
    }
}
