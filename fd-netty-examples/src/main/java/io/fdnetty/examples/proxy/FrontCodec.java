package io.fdnetty.examples.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * Netty's HTTP/1.1 codec for servers, stricter: a request that passes means the same to every reader. A head that
 * breaks the rules becomes a request with a failed {@link DecoderResult}. Event loop only.
 */
final class FrontCodec extends CombinedChannelDuplexHandler<FrontCodec.Decoder, FrontCodec.Encoder> {
    private static final int MAX_LINE_BYTES = 8 << 10;
    private static final int MAX_HEAD_BYTES = 64 << 10;
    private static final int MAX_PIECE_BYTES = 64 << 10;

    FrontCodec() {
        super(new Decoder(), new Encoder());
    }

    /** The limits for both sides of the proxy: 8 KiB for the first line, 64 KiB for all fields. */
    static HttpDecoderConfig limits() {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_LINE_BYTES)
                .setMaxHeaderSize(MAX_HEAD_BYTES)
                .setMaxChunkSize(MAX_PIECE_BYTES);
    }

    /** Whether some of a request's head has come and the rest is awaited. */
    boolean isHeadBegun() {
        return inboundHandler().isHeadBegun();
    }

    /** Reads requests. */
    static final class Decoder extends HttpRequestDecoder {
        private final HeadScanner scanner = new HeadScanner();
        private boolean inHead = true;

        private Decoder() {
            super(limits());
        }

        private boolean isHeadBegun() {
            return inHead && (scanner.hasBegun() || actualReadableBytes() > 0);
        }

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf bytes, List<Object> out) throws Exception {
            int from = bytes.readerIndex();
            int known = out.size();
            super.decode(ctx, bytes, out);
            if (inHead) {
                scanner.scan(bytes, from, bytes.readerIndex());
            }
            for (int i = known; i < out.size(); i++) {
                decoded(out.get(i));
            }
        }

        private void decoded(Object message) {
            if (message instanceof HttpRequest request) {
                inHead = false;
                String fault = scanner.fault();
                if (fault != null && request.decoderResult().isSuccess()) {
                    request.setDecoderResult(DecoderResult.failure(new IllegalArgumentException(fault)));
                }
            }
            if (message instanceof LastHttpContent) {
                inHead = true;
                scanner.reset();
            }
        }
    }

    /** Writes responses; one that is {@link BodilessResponse} without a body whatever its fields say. */
    static final class Encoder extends HttpResponseEncoder {
        private Encoder() {}

        @Override
        protected boolean isContentAlwaysEmpty(HttpResponse response) {
            return response instanceof BodilessResponse || super.isContentAlwaysEmpty(response);
        }
    }
}
