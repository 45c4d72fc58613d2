package io.fdnetty.examples.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused, and with which status; 0 is passed on. {@code \r \n \t \0} stand for these characters. */
class RequestRulesTest {

    @ParameterizedTest(name = "{1} for {0}")
    @CsvSource(
            delimiter = '~',
            value = {
                "GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n ~ 0",
                "GET / HTTP/1.0\\r\\n\\r\\n ~ 0",
                "\\r\\n\\r\\nGET / HTTP/1.1\\r\\nHost: a:80\\r\\n\\r\\n ~ 0",
                "OPTIONS * HTTP/1.1\\r\\nHost: [::1]:80\\r\\n\\r\\n ~ 0",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 3\\r\\n\\r\\nabc ~ 0",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding:"
                        + " chunked\\r\\n\\r\\n1\\r\\na\\r\\n0\\r\\n\\r\\n ~ 0",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding:"
                        + " Chunked\\r\\n\\r\\n1;x=y\\r\\na\\r\\n0\\r\\nT: v\\r\\n\\r\\n ~ 0",
                "GET http://a/ HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n ~ 400",
                "GET http://b/ HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n ~ 400",
                "GET a HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n ~ 400",
                "GET * HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n ~ 400",
                "GET /#x HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n ~ 400",
                "GET /\\0 HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n ~ 400",
                "GET /\u00e4 HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n ~ 400",
                "CONNECT a:1 HTTP/1.1\\r\\nHost: a:1\\r\\n\\r\\n ~ 400",
                "GET  / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n ~ 400",
                "GET\\t/ HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n ~ 400",
                "GET / HTTP/1.1 \\r\\nHost: a\\r\\n\\r\\n ~ 400",
                "GET /\\rx HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n ~ 400",
                "GET / x HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n ~ 400",
                "GET /\\r\\nHost: a\\r\\n\\r\\n ~ 400",
                "GET / HTTP/2.0\\r\\nHost: a\\r\\n\\r\\n ~ 505",
                "GET / HTTP/0.9\\r\\nHost: a\\r\\n\\r\\n ~ 505",
                "GET / HTTP/1.2\\r\\nHost: a\\r\\n\\r\\n ~ 505",
                "GET / http/1.1\\r\\nHost: a\\r\\n\\r\\n ~ 400",
                "G(T / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n ~ 400",
                "GET / HTTP/1.1\\r\\n\\r\\n ~ 400",
                "GET / HTTP/1.1\\r\\nHost: a\\r\\nHost: a\\r\\n\\r\\n ~ 400",
                "GET / HTTP/1.1\\r\\nHost: a\\r\\nhOST: b\\r\\n\\r\\n ~ 400",
                "GET / HTTP/1.1\\r\\nHost:\\r\\n\\r\\n ~ 400",
                "GET / HTTP/1.1\\r\\nHost: a, b\\r\\n\\r\\n ~ 400",
                "GET / HTTP/1.1\\r\\nHost: a/b\\r\\n\\r\\n ~ 400",
                "GET / HTTP/1.1\\r\\nHost: u@a\\r\\n\\r\\n ~ 400",
                "GET / HTTP/1.1\\r\\nHost: a\\\"b\\r\\n\\r\\n ~ 400",
                "GET / HTTP/1.1\\r\\nHost : a\\r\\n\\r\\n ~ 400",
                "GET / HTTP/1.1\\r\\nHost: a\\r\\nX: 1\\r\\n 2\\r\\n\\r\\n ~ 400",
                "GET / HTTP/1.1\\r\\n Host: a\\r\\n\\r\\n ~ 400",
                "GET / HTTP/1.1\\r\\nHost: a\\r\\nX: 1\\r\\n\\t\\r\\n\\r\\n ~ 400",
                "GET / HTTP/1.1\\r\\nHost: a\\r\\nX: 1\\rY: 2\\r\\n\\r\\n ~ 400",
                "GET / HTTP/1.1\\r\\nHost: a\\r\\nX: 1\\0\\r\\n\\r\\n ~ 400",
                "GET / HTTP/1.1\\nHost: a\\n\\n ~ 400",
                "GET / HTTP/1.1\\r\\nHost: a\\r\\nX\\r\\n\\r\\n ~ 400",
                "GET / HTTP/1.1\\r\\nHost: a\\r\\n: x\\r\\n\\r\\n ~ 400",
                "GET / HTTP/1.1\\r\\nHost: a\\r\\nX Y: x\\r\\n\\r\\n ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 3\\r\\nContent-Length: 4\\r\\n\\r\\nabc ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 3\\r\\nContent-Length: 3\\r\\n\\r\\nabc ~ 400",
                "POST / HTTP/1.0\\r\\nHost: a\\r\\nContent-Length: 3\\r\\ncontent-length: 4\\r\\n\\r\\nabc ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 3, 3\\r\\n\\r\\nabc ~ 400",
                "POST / HTTP/1.0\\r\\nHost: a\\r\\nContent-Length: 3, 4\\r\\n\\r\\nabc ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: +3\\r\\n\\r\\nabc ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: -3\\r\\n\\r\\nabc ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 0x3\\r\\n\\r\\nabc ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length:\\r\\n\\r\\nabc ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length : 3\\r\\n\\r\\nabc ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 99999999999999999999\\r\\n\\r\\nabc ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 3\\r\\nTransfer-Encoding:"
                        + " chunked\\r\\n\\r\\n0\\r\\n\\r\\n ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\nContent-Length:"
                        + " 3\\r\\n\\r\\n0\\r\\n\\r\\n ~ 400",
                "POST / HTTP/1.0\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: gzip\\r\\n\\r\\nabc ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: gzip, chunked\\r\\n\\r\\n0\\r\\n\\r\\n ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked, gzip\\r\\n\\r\\n0\\r\\n\\r\\n ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\nTransfer-Encoding:"
                        + " identity\\r\\n\\r\\n ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked, chunked\\r\\n\\r\\n0\\r\\n\\r\\n ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: xchunked\\r\\n\\r\\n0\\r\\n\\r\\n ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: \\x0bchunked\\r\\n\\r\\n0\\r\\n\\r\\n ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding : chunked\\r\\n\\r\\n0\\r\\n\\r\\n ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding:\\r\\n chunked\\r\\n\\r\\n0\\r\\n\\r\\n ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nConnection: content-length\\r\\nContent-Length:"
                        + " 3\\r\\n\\r\\nabc ~ 400",
                "GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: x, host\\r\\n\\r\\n ~ 400",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nExpect: x\\r\\nContent-Length: 3\\r\\n\\r\\nabc ~ 417",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\ng\\r\\n ~ -1",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n-1\\r\\n ~ -1",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0x1\\r\\na\\r\\n ~ -1",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n1\\na\\r\\n ~ -1",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n1\\r\\nabc\\r\\n ~ -1",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n1;a\\nb\\r\\na\\r\\n ~ -1",
                "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nFFFFFFFFFF\\r\\n ~ -1",
            })
    void onlyWhatMeansTheSameToEveryServerIsPassedOn(String request, int status) {
        byte[] bytes = unescape(request.strip());
        assertThat(verdict(bytes, bytes.length)).as("whole").isEqualTo(status);
        assertThat(verdict(bytes, 1)).as("byte by byte").isEqualTo(status);
        assertThat(verdict(concat(unescape("GET /1 HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"), bytes), 7))
                .as("behind another one")
                .isEqualTo(status);
    }

    @Test
    void longLinesAndManyFieldsAreRefusedByName() {
        String line = "GET /" + "a".repeat(8 << 10) + " HTTP/1.1\r\n";
        String field = "GET / HTTP/1.1\r\nHost: a\r\nX: " + "a".repeat(64 << 10) + "\r\n\r\n";
        String fields = "GET / HTTP/1.1\r\nHost: a\r\n" + "X: 12345678901234\r\n".repeat(5000) + "\r\n";

        assertThat(verdict(line.getBytes(ISO_8859_1), 16 << 10)).isEqualTo(414);
        assertThat(verdict(field.getBytes(ISO_8859_1), 16 << 10)).isEqualTo(431);
        assertThat(verdict(fields.getBytes(ISO_8859_1), 16 << 10)).isEqualTo(431);
    }

    /** The status for the last request; -1 if its body is broken. */
    private static int verdict(byte[] bytes, int step) {
        EmbeddedChannel channel = new EmbeddedChannel(new FrontCodec());
        for (int at = 0; at < bytes.length; at += step) {
            channel.writeInbound(Unpooled.copiedBuffer(bytes, at, Math.min(step, bytes.length - at)));
        }
        int verdict = -2;
        for (HttpObject part = channel.readInbound(); part != null; part = channel.readInbound()) {
            if (part instanceof HttpRequest request) {
                Rejection rejection = RequestRules.check(request);
                verdict = rejection == null ? 0 : rejection.status().code();
            } else if (part instanceof HttpContent && part.decoderResult().isFailure()) {
                verdict = -1;
            }
            ReferenceCountUtil.release(part);
            if (verdict != 0) {
                break;
            }
        }
        channel.finishAndReleaseAll();
        return verdict;
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static byte[] unescape(String text) {
        return text.replace("\\r", "\r")
                .replace("\\n", "\n")
                .replace("\\t", "\t")
                .replace("\\0", "\0")
                .replace("\\x0b", "\013")
                .replace("\\\"", "\"")
                .getBytes(ISO_8859_1);
    }
}
