package io.fdnetty.examples.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class HeaderRulesTest {
    @Test
    void whatIsForOneConnectionOnlyIsDropped() throws Exception {
        HttpRequest request = request(HttpVersion.HTTP_1_1);
        request.headers()
                .add("Host", "a")
                .add("Connection", "close, X-Mine")
                .add("Connection", "x-yours")
                .add("X-Mine", "1")
                .add("X-Yours", "1")
                .add("Keep-Alive", "timeout=5")
                .add("Proxy-Connection", "keep-alive")
                .add("Proxy-Authorization", "secret")
                .add("TE", "trailers")
                .add("Trailer", "X")
                .add("Upgrade", "h2c")
                .add("HTTP2-Settings", "AAMA")
                .add("X-Kept", "1");

        HttpHeaders headers = toBackend(request, "192.0.2.7").headers();

        assertThat(headers.names())
                .containsExactlyInAnyOrder(
                        "Host",
                        "X-Kept",
                        "via",
                        "x-forwarded-for",
                        "x-forwarded-proto",
                        "x-forwarded-host",
                        "forwarded");
    }

    @Test
    void whoAskedIsAppendedToWhatEarlierProxiesWrote() throws Exception {
        HttpRequest request = request(HttpVersion.HTTP_1_1);
        request.headers()
                .add("Host", "shop.example:81")
                .add("X-Forwarded-For", "10.0.0.1")
                .add("X-Forwarded-For", "10.0.0.2")
                .add("Forwarded", "for=10.0.0.1")
                .add("Via", "1.0 fred");

        HttpHeaders headers = toBackend(request, "192.0.2.7").headers();

        assertThat(headers.getAll("X-Forwarded-For")).containsExactly("10.0.0.1, 10.0.0.2, 192.0.2.7");
        assertThat(headers.get("X-Forwarded-Proto")).isEqualTo("http");
        assertThat(headers.get("X-Forwarded-Host")).isEqualTo("shop.example:81");
        assertThat(headers.get("Forwarded"))
                .isEqualTo("for=10.0.0.1, for=192.0.2.7;host=\"shop.example:81\";proto=http");
        assertThat(headers.get("Via")).isEqualTo("1.0 fred, 1.1 fd-netty");
        assertThat(headers.get("Host")).isEqualTo("shop.example:81");
    }

    @Test
    void aVersion6AddressStandsInBracketsAndQuotes() throws Exception {
        HttpRequest request = request(HttpVersion.HTTP_1_1);
        request.headers().add("Host", "a");

        HttpHeaders headers = toBackend(request, "2001:db8::1").headers();

        assertThat(headers.get("Forwarded")).isEqualTo("for=\"[2001:db8:0:0:0:0:0:1]\";host=\"a\";proto=http");
    }

    @Test
    void anOldClientIsSpokenForInHttp11() throws Exception {
        HttpRequest request = toBackend(request(HttpVersion.HTTP_1_0), "192.0.2.7");

        assertThat(request.protocolVersion()).isEqualTo(HttpVersion.HTTP_1_1);
        assertThat(request.headers().get("Host")).isEqualTo("backend:80");
        assertThat(request.headers().get("Via")).isEqualTo("1.0 fd-netty");
        assertThat(request.headers().get("Forwarded")).isEqualTo("for=192.0.2.7;proto=http");
    }

    @Test
    void onlyAnUpgradeThatIsMeantIsPassedOn() throws Exception {
        HttpRequest meant = request(HttpVersion.HTTP_1_1);
        meant.headers()
                .add("Host", "a")
                .add("Connection", "keep-alive, Upgrade")
                .add("Upgrade", "websocket");
        HttpRequest notMeant = request(HttpVersion.HTTP_1_1);
        notMeant.headers().add("Host", "a").add("Upgrade", "websocket");

        assertThat(toBackend(meant, "192.0.2.7").headers().get("Upgrade")).isEqualTo("websocket");
        assertThat(meant.headers().getAll("Connection")).containsExactly("upgrade");
        assertThat(toBackend(notMeant, "192.0.2.7").headers().get("Upgrade")).isNull();
    }

    @Test
    void aResponseIsFramedForItsClient() {
        RequestFacts modern = new RequestFacts(false, false, true, true, "");
        RequestFacts old = new RequestFacts(false, true, true, true, "");
        RequestFacts head = new RequestFacts(true, false, true, true, "");

        assertThat(Framing.of(response(200), modern)).isEqualTo(Framing.CHUNKED);
        assertThat(Framing.of(response(200), old)).isEqualTo(Framing.UNTIL_CLOSE);
        assertThat(Framing.of(response(200), head)).isEqualTo(Framing.NONE);
        assertThat(Framing.of(response(204), modern)).isEqualTo(Framing.NONE);
        assertThat(Framing.of(response(304), old)).isEqualTo(Framing.NONE);
        HttpResponse sized = response(200);
        sized.headers().add("Content-Length", 5);
        assertThat(Framing.of(sized, old)).isEqualTo(Framing.LENGTH);
    }

    @Test
    void theClientLearnsWhetherItsConnectionGoesOn() {
        RequestFacts modern = new RequestFacts(false, false, true, true, "");
        RequestFacts old = new RequestFacts(false, true, true, true, "");
        HttpResponse from = response(200);
        from.headers().add("Connection", "X-Hop").add("X-Hop", "1").add("Keep-Alive", "timeout=9");

        HttpHeaders kept =
                HeaderRules.toClient(from, modern, Framing.CHUNKED, true).headers();
        assertThat(kept.names()).containsExactlyInAnyOrder("via", "transfer-encoding");
        assertThat(HeaderRules.toClient(response(200), modern, Framing.CHUNKED, false)
                        .headers()
                        .get("Connection"))
                .isEqualTo("close");
        assertThat(HeaderRules.toClient(response(200), old, Framing.LENGTH, true)
                        .headers()
                        .get("Connection"))
                .isEqualTo("keep-alive");
    }

    private static HttpRequest toBackend(HttpRequest request, String client) throws Exception {
        return HeaderRules.toBackend(request, RequestFacts.of(request), InetAddress.getByName(client), "backend:80");
    }

    private static HttpRequest request(HttpVersion version) {
        return new DefaultHttpRequest(version, HttpMethod.GET, "/");
    }

    private static HttpResponse response(int status) {
        return new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    }
}
