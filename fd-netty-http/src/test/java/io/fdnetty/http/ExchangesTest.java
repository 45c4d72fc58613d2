package io.fdnetty.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.move.MoveDecision;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sequences of messages, and whether the connection may move after each of them.
 *
 * <p>A step that starts with '&lt;' is what the client sends, with '|' for CRLF. One that starts with a digit is an
 * answer: its status, then f for a full one or n for its head alone, l for a length, c for chunked, k for
 * {@code Connection: close}. "piece" is a part of a body, "last" ends an answer. What follows '=' is y (may move), n
 * (not now), x (never).
 */
class ExchangesTest {
    private final HttpBoundary boundary = new HttpBoundary();
    private final EmbeddedChannel channel = new EmbeddedChannel(new HttpServerCodec(), boundary);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fresh: <=y",
                "blank lines between messages: <||=y",
                "half a request line: <GET / HT=y <TP/1.1||=n 200fl=y",
                "half a head: <GET / HTTP/1.1|Host: x=n <||=n 200fl=y",
                "two exchanges: <GET / HTTP/1.1||=n 200fl=y <GET / HTTP/1.1||=n 200fl=y",
                "an answer in pieces: <GET / HTTP/1.1||=n 200nl=n piece=n last=y",
                "a chunked answer: <GET / HTTP/1.1||=n 200nc=n piece=n last=y",
                "pipelining: <GET / HTTP/1.1||GET / HTTP/1.1||GET /=n 200fl=n 200fl=y < HTTP/1.1||=n 404fl=y",
                "HEAD with a length: <HEAD / HTTP/1.1||=n 200nl=n last=y",
                "HEAD without a length: <HEAD / HTTP/1.1||=n 200n=n last=y",
                "HEAD among others: <GET / HTTP/1.1||HEAD / HTTP/1.1||=n 200fl=n 200f=y",
                "no content: <GET / HTTP/1.1||=n 204n=n last=y",
                "reset content: <GET / HTTP/1.1||=n 205n=n last=y",
                "not modified: <GET / HTTP/1.1||=n 304f=y",
                "a body of known length: <POST / HTTP/1.1|Content-Length: 4||=n <ab=n <cd=n 200fl=y",
                "an answer before the body: <POST / HTTP/1.1|Content-Length: 4||=n 200fl=n <ab=n <cdGET=y",
                "a chunked body: <POST / HTTP/1.1|Transfer-Encoding: chunked||=n <2|ab|0=n <||=n 200fl=y",
                "trailers: <POST / HTTP/1.1|Transfer-Encoding: chunked||0|a: b|=n 200fl=n <|=y",
                "continue: <POST / HTTP/1.1|Content-Length: 1|Expect: 100-continue||=n 100f=n <a=n 200fl=y",
                "early hints: <GET / HTTP/1.1||=n 103f=n 103f=n 200fl=y",
                "early hints in two objects: <GET / HTTP/1.1||=n 103n=n last=n 200fl=y",
                "the client says close: <GET / HTTP/1.1|Connection: close||=x 200fl=x",
                "the answer says close: <GET / HTTP/1.1||=n 200flk=x",
                "the old version: <GET / HTTP/1.0||=x 200fl=x",
                "the old version with keep-alive: <GET / HTTP/1.0|Connection: keep-alive||=n 200fl=y",
                "an answer without a length: <GET / HTTP/1.1||=n 200n=x piece=x last=x",
                "a full answer without a length: <GET / HTTP/1.1||=n 200f=x",
                "an answer that nobody asked for: 408nl=n last=y",
                "no HTTP: <hello|=x",
                "a head that cannot be read: <GET / HTTP/1.1|no colon||=x 400fl=x",
                "a chunk that cannot be read: <POST / HTTP/1.1|Transfer-Encoding: chunked||zz|=x 400fl=x",
                "a tunnel: <CONNECT a:1 HTTP/1.1||=n 200n=y last=y",
                "a tunnel turned down: <CONNECT a:1 HTTP/1.1||=n 403fl=y",
                "an upgrade: <GET / HTTP/1.1|Upgrade: x|Connection: upgrade||=n 101f=y"
            })
    void eachStepSaysWhetherTheConnectionMayMove(String sequence) {
        String steps = sequence.substring(sequence.indexOf(": ") + 2);
        int from = 0;
        for (int at = steps.indexOf('='); at >= 0; at = steps.indexOf('=', from)) {
            take(steps.substring(from, at));
            assertThat(state()).as("after %s", steps.substring(0, at)).isEqualTo(steps.charAt(at + 1));
            from = Math.min(at + 3, steps.length());
        }
    }

    @AfterEach
    void end() {
        channel.finishAndReleaseAll();
    }

    private void take(String step) {
        if (step.startsWith("<")) {
            String bytes = step.substring(1).replace("|", "\r\n");
            channel.writeInbound(Unpooled.copiedBuffer(bytes, US_ASCII));
        } else if (step.equals("piece")) {
            channel.writeOutbound(new DefaultHttpContent(Unpooled.copiedBuffer("x", US_ASCII)));
        } else if (step.equals("last")) {
            channel.writeOutbound(LastHttpContent.EMPTY_LAST_CONTENT);
        } else {
            channel.writeOutbound(answer(HttpResponseStatus.valueOf(Integer.parseInt(step.substring(0, 3))), step));
        }
    }

    private static HttpResponse answer(HttpResponseStatus status, String step) {
        HttpResponse answer = step.indexOf('f') > 0
                ? new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status)
                : new DefaultHttpResponse(HttpVersion.HTTP_1_1, status);
        if (step.indexOf('l') > 0) {
            answer.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
        }
        HttpUtil.setTransferEncodingChunked(answer, step.indexOf('c') > 0);
        HttpUtil.setKeepAlive(answer, step.indexOf('k') < 0);
        return answer;
    }

    private char state() {
        var context = channel.pipeline().context(boundary);
        MoveDecision decision = boundary.mayMove(context, () -> {});
        if (decision.isNever()) {
            return 'x';
        }
        decision.prepare();
        channel.advanceTimeBy(1, TimeUnit.SECONDS);
        channel.runPendingTasks();
        return decision.isYes() ? 'y' : 'n';
    }
}
