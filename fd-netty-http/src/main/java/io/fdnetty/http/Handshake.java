package io.fdnetty.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionUtil;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket handshake that took place: the request as it came, and what the answer agreed to.
 *
 * <pre>
 *   u32 length, request head | u32 length, extensions | u32 length, subprotocol        (ISO 8859-1)
 * </pre>
 *
 * @param requestHead up to and with the empty line, in ISO 8859-1
 * @param extensions the answer's {@code Sec-WebSocket-Extensions}, empty if none
 * @param subprotocol the answer's {@code Sec-WebSocket-Protocol}, empty if none
 */
record Handshake(String requestHead, String extensions, String subprotocol) {
    /** No head of a request or an answer may be longer. */
    static final int LONGEST_HEAD = 64 << 10;

    static Handshake of(String requestHead, HttpHead answer) {
        return new Handshake(
                requestHead, answer.header("Sec-WebSocket-Extensions"), answer.header("Sec-WebSocket-Protocol"));
    }

    String requestUri() {
        return HttpHead.parse(requestHead).secondWord();
    }

    /** Why the agreed extensions keep the connection from moving; null if they do not. */
    @Nullable
    String obstacle() {
        if (extensions.isEmpty()) {
            return null;
        }
        for (WebSocketExtensionData extension : WebSocketExtensionUtil.extractExtensions(extensions)) {
            if (!extension.name().equals("permessage-deflate")) {
                return "the WebSocket extension " + extension.name() + " is not known";
            }
            if (!extension.parameters().containsKey("server_no_context_takeover")
                    || !extension.parameters().containsKey("client_no_context_takeover")) {
                return "its WebSocket compression takes the context of a message over to the next one";
            }
        }
        return null;
    }

    /** Whether an answer with this head agrees to the request (RFC 6455, section 4.2.2). */
    static boolean accepts(HttpHead request, HttpHead answer) {
        return answer.secondWord().equals("101")
                && answer.isWebSocketUpgrade()
                && answer.header("Sec-WebSocket-Accept").equals(accept(request.header("Sec-WebSocket-Key")));
    }

    private static String accept(String key) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update((key + WebSocketServerHandshaker13.WEBSOCKET_13_ACCEPT_GUID).getBytes(US_ASCII));
            return Base64.getEncoder().encodeToString(sha1.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    void write(ByteBuf out) {
        writeText(out, requestHead);
        writeText(out, extensions);
        writeText(out, subprotocol);
    }

    private static void writeText(ByteBuf out, String text) {
        out.writeInt(text.length());
        out.writeCharSequence(text, ISO_8859_1);
    }

    /** @throws IllegalArgumentException if these are not the bytes of one */
    static Handshake read(ByteBuf in) {
        return new Handshake(readText(in), readText(in), readText(in));
    }

    private static String readText(ByteBuf in) {
        long length = in.readableBytes() < 4 ? -1 : in.readUnsignedInt();
        if (length < 0 || length > Math.min(in.readableBytes(), LONGEST_HEAD)) {
            throw new IllegalArgumentException("not a saved WebSocket handshake");
        }
        return in.readCharSequence((int) length, ISO_8859_1).toString();
    }
}
