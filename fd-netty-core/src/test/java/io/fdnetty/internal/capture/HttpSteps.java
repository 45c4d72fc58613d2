package io.fdnetty.internal.capture;

import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;

/** HTTP for the tests of verdicts. */
final class HttpSteps {
    private HttpSteps() {}

    /** The same for whole messages and for those in pieces. */
    static String words(Object message) {
        String head = message instanceof HttpRequest request
                ? request.method() + " " + request.uri() + ' '
                : message instanceof HttpMessage ? "response " : "";
        String body = message instanceof HttpContent content ? Splits.text(content) : "";
        String success = ((io.netty.handler.codec.http.HttpObject) message)
                        .decoderResult()
                        .isSuccess()
                ? ""
                : "Exception";
        return head + body + success + (message instanceof LastHttpContent ? ".\n" : "");
    }

    /** Answers each request when it has come to its end. */
    static final class Answer extends ChannelInboundHandlerAdapter implements MovableHandler {
        @Override
        public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
            return MoveDecision.yes(); // the codec knows
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            boolean isLast = message instanceof LastHttpContent;
            ctx.fireChannelRead(message);
            if (isLast) {
                DefaultFullHttpResponse response = new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.copiedBuffer(new byte[] {'o', 'k'}));
                response.headers().set(HttpHeaderNames.CONTENT_LENGTH, 2);
                ctx.writeAndFlush(response);
            }
        }
    }
}
