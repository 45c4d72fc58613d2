package io.fdnetty.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Watches the bytes of an HTTP/1.1 connection for the moment in which it becomes a WebSocket. Event loop only; changes
 * no byte.
 *
 * <p>It does not follow the messages of HTTP: whatever begins like a request is looked at, and only an answer that
 * proves with its {@code Sec-WebSocket-Accept} to be the one to the last such request counts. So the worst that bytes
 * of a body can do is to be looked at.
 */
final class HandshakeWatch {
    private final HeadCollector requests = new HeadCollector("GET ");
    private final HeadCollector answers = new HeadCollector("HTTP/1.1 101");
    private boolean untouched = true;
    private boolean sentMore;
    private @Nullable String requestHead;
    private @Nullable Handshake handshake;

    /** Bytes of the client go by. */
    void inbound(ByteBuf in) {
        untouched &= !in.isReadable();
        int to = in.writerIndex();
        int index = in.readerIndex();
        while (index < to) {
            sentMore = requestHead != null;
            int next = requests.collect(in, index, to);
            if (requests.isComplete()) {
                requestEnded();
            } else if (next < to) {
                return;
            }
            index = next;
        }
    }

    private void requestEnded() {
        String text = requests.text();
        requests.clear();
        HttpHead head = HttpHead.parse(text);
        boolean upgrades =
                head.isWebSocketUpgrade() && !head.header("Sec-WebSocket-Key").isEmpty();
        requestHead = upgrades ? text : null;
        sentMore = false;
        answers.clear();
    }

    /**
     * Bytes of the server go by.
     *
     * @return behind the head of the answer with which the connection becomes a WebSocket; -1 if it is not among these
     *     bytes
     */
    int outbound(ByteBuf out) {
        String request = requestHead;
        if (request == null) {
            return -1;
        }
        int end = answers.collect(out, out.readerIndex(), out.writerIndex());
        if (!answers.isComplete()) {
            return -1;
        }
        HttpHead answer = HttpHead.parse(answers.text());
        answers.clear();
        if (!Handshake.accepts(HttpHead.parse(request), answer)) {
            return -1;
        }
        handshake = Handshake.of(request, answer);
        return end;
    }

    /** The handshake after {@link #outbound} found it. */
    @Nullable
    Handshake handshake() {
        return handshake;
    }

    /**
     * Whether the client sent something behind its handshake before that was answered, which nobody knows how to read.
     */
    boolean clientSentMore() {
        return sentMore;
    }

    /** Whether the client has sent nothing at all yet. */
    boolean isUntouched() {
        return untouched;
    }
}
