package io.fdnetty.http;

import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtension;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtensionHandler;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtensionHandshaker;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compression for WebSockets that move: stands where {@code WebSocketServerCompressionHandler} would, and agrees to
 * {@code permessage-deflate} only without context takeover, in both directions, so that nothing of one message is
 * needed to read the next one.
 *
 * <p>A server may demand so of every client that offers the extension, whether its offer says so or not: RFC 7692,
 * sections 7.1.1.1 and 7.1.1.2. An offer that asks for a smaller window of the server is declined. The decoder
 * configuration must allow extensions.
 */
public final class WebSocketDeflate extends WebSocketServerExtensionHandler {
    private static final int LEVEL = 6;

    /** @param maxAllocation the most bytes to which a message may unfold; 0 for no limit */
    public WebSocketDeflate(int maxAllocation) {
        super(new WithoutContext(maxAllocation));
    }

    private static final class WithoutContext implements WebSocketServerExtensionHandshaker {
        private final WebSocketServerExtensionHandshaker handshaker;

        WithoutContext(int maxAllocation) {
            handshaker = new PerMessageDeflateServerExtensionHandshaker(
                    LEVEL,
                    false,
                    PerMessageDeflateServerExtensionHandshaker.MAX_WINDOW_SIZE,
                    true,
                    true,
                    maxAllocation);
        }

        @Override
        public @Nullable WebSocketServerExtension handshakeExtension(WebSocketExtensionData offer) {
            Map<String, @Nullable String> parameters = new HashMap<>(offer.parameters());
            parameters.put("server_no_context_takeover", null);
            parameters.put("client_no_context_takeover", null);
            return handshaker.handshakeExtension(new WebSocketExtensionData(offer.name(), parameters));
        }
    }
}
