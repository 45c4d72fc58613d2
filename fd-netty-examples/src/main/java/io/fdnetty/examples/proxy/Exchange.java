package io.fdnetty.examples.proxy;

import static java.util.Objects.requireNonNull;

import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response, passed on piece by piece as they come; neither is ever held as a whole. Event loop
 * only, the same for both connections.
 */
final class Exchange {
    private final HttpProxy proxy;
    private final FrontHandler front;
    private final LoopState loop;
    private final HttpRequest request;
    private final RequestFacts facts;
    private Stage stage = Stage.CONNECTING;
    private @Nullable BackHandler back;
    private Framing framing = Framing.NONE;
    private boolean requestDone;
    private boolean usesPooled;
    private boolean reusable;
    private boolean keepAlive;
    private long progressNanos = System.nanoTime();

    /** @param request as it goes to the backend */
    Exchange(HttpProxy proxy, LoopState loop, FrontHandler front, HttpRequest request, RequestFacts facts) {
        this.proxy = proxy;
        this.loop = loop;
        this.front = front;
        this.request = request;
        this.facts = facts;
    }

    RequestFacts facts() {
        return facts;
    }

    /** Whether the request has been received to its end. */
    boolean isRequestDone() {
        return requestDone;
    }

    /** Sends the request on, over an idle connection or a new one. */
    void begin(EventLoop eventLoop) {
        BackHandler idle = facts.wantsUpgrade() ? null : loop.pool().take();
        if (idle == null) {
            connect(eventLoop);
        } else {
            usesPooled = true;
            send(idle);
        }
    }

    private void connect(EventLoop eventLoop) {
        BackHandler fresh = new BackHandler(loop, proxy.times());
        stage = Stage.CONNECTING;
        usesPooled = false;
        ChannelFuture connection = proxy.connect(eventLoop, fresh);
        connection.addListener(connected -> {
            if (!connected.isSuccess()) {
                notConnected(connected.cause());
            } else if (stage == Stage.OVER) {
                connection.channel().close();
            } else {
                eventLoop.execute(() -> connected(connection, fresh)); // its pipeline is built right after this
            }
        });
    }

    private void connected(ChannelFuture connection, BackHandler fresh) {
        if (stage == Stage.OVER) {
            connection.channel().close();
        } else if (!connection.channel().isActive()) {
            fail(Rejection.badGateway("the backend closed the connection at once"));
        } else {
            send(fresh);
        }
    }

    private void notConnected(Throwable cause) {
        if (stage != Stage.OVER) {
            proxy.complaints().about(proxy.backend().failure(cause));
            fail(
                    Backend.isTimeout(cause)
                            ? Rejection.gatewayTimeout("the backend does not answer")
                            : Rejection.badGateway("the backend cannot be reached"));
        }
    }

    private void send(BackHandler connection) {
        back = connection;
        stage = Stage.WAITING;
        progress();
        connection.serve(this);
        connection.write(request);
        if (requestDone) {
            connection.write(LastHttpContent.EMPTY_LAST_CONTENT); // a second try; there was no body
        }
        connection.flush();
        front.pump();
    }

    /** Whether the next piece of the request's body can be passed on. */
    boolean wantsBody() {
        return !requestDone && back != null && back.isWritable();
    }

    /** The next piece of the request. */
    void fromClient(HttpContent piece) {
        if (piece.decoderResult().isFailure()) {
            piece.release();
            fail(Rejection.malformed("the body of the request is broken"));
            return;
        }
        requestDone = piece instanceof LastHttpContent;
        progress();
        requireNonNull(back).write(piece);
    }

    void flushRequest() {
        if (back != null) {
            back.flush();
        }
    }

    /** The next piece of a response. */
    void fromBackend(HttpObject part) {
        progress();
        if (stage == Stage.ANSWERED || stage == Stage.OVER) {
            ReferenceCountUtil.release(part);
            reusable = false; // it said more than it was asked
        } else if (part instanceof HttpResponse response) {
            responseHead(response);
        } else if (part instanceof HttpContent piece) {
            responsePiece(piece);
        }
    }

    private void responseHead(HttpResponse response) {
        String fault =
                stage == Stage.WAITING ? ResponseRules.fault(response, facts) : "it came in the middle of another";
        if (fault != null) {
            ReferenceCountUtil.release(response);
            broken("its response is not valid: " + fault);
        } else if (response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
            stage = Stage.SWITCHING;
            front.write(HeaderRules.switching(response));
        } else if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            stage = Stage.INTERIM;
            if (!facts.isOld()) {
                front.write(HeaderRules.interim(response));
            }
        } else {
            finalHead(response);
        }
    }

    private void finalHead(HttpResponse response) {
        stage = Stage.RESPONDING;
        reusable = ResponseRules.isReusable(response, facts);
        requireNonNull(back)
                .idleLimit(
                        ResponseRules.idleLimit(response, requireNonNull(back).maxIdle()));
        framing = Framing.of(response, facts);
        keepAlive = facts.keepsAlive() && requestDone && framing != Framing.UNTIL_CLOSE && !front.isLeaving();
        front.write(HeaderRules.toClient(response, facts, framing, keepAlive));
    }

    private void responsePiece(HttpContent piece) {
        boolean last = piece instanceof LastHttpContent;
        if (piece.decoderResult().isFailure()) {
            piece.release();
            broken("the body of its response is broken: "
                    + piece.decoderResult().cause().getMessage());
        } else if (stage == Stage.SWITCHING && last) {
            piece.release();
            switchProtocol();
        } else if (stage == Stage.INTERIM) {
            interimPiece(piece, last);
        } else {
            front.write(piece);
            stage = last ? Stage.ANSWERED : stage;
            requireNonNull(back).read(front.isWritable());
        }
    }

    private void interimPiece(HttpContent piece, boolean last) {
        if (facts.isOld()) {
            piece.release();
        } else {
            front.write(piece);
        }
        stage = last ? Stage.WAITING : stage;
    }

    private void switchProtocol() {
        BackHandler half = requireNonNull(back);
        stage = Stage.OVER;
        front.becomeRelay(half);
    }

    /** All that has arrived at once has been passed on. */
    void backendReadComplete() {
        front.flush();
        if (stage == Stage.ANSWERED) {
            answered();
        }
    }

    private void answered() {
        stage = Stage.OVER;
        BackHandler used = requireNonNull(back);
        back = null;
        if (reusable && requestDone) {
            used.rest();
        } else {
            used.end();
        }
        front.exchangeEnded(keepAlive);
    }

    /** The client takes more, or less, than before. */
    void clientWritabilityChanged() {
        progress();
        if (back != null && stage == Stage.RESPONDING) {
            back.read(front.isWritable());
        }
    }

    void backendWritabilityChanged() {
        progress();
        front.pump();
    }

    /** The connection to the backend is lost. */
    void backendGone(String reason) {
        back = null;
        if (stage == Stage.ANSWERED) {
            stage = Stage.OVER;
            front.exchangeEnded(keepAlive);
        } else if (stage == Stage.WAITING && usesPooled && facts.isRepeatable()) {
            connect(front.eventLoop());
        } else if (stage != Stage.OVER) {
            broken(reason);
        }
    }

    private void broken(String reason) {
        proxy.complaints().about("the backend " + proxy.settings().backendName() + " failed: " + reason);
        fail(Rejection.badGateway("the backend did not give a valid response"));
    }

    /** The client is gone: nobody waits for the response. */
    void cancel() {
        stage = Stage.OVER;
        endBackend();
    }

    /** Ends the exchange: the client gets the proxy's own answer, or a response that is visibly cut if it had begun. */
    private void fail(Rejection rejection) {
        boolean begun = stage.isBegun();
        stage = Stage.OVER;
        endBackend();
        if (begun) {
            front.cut(framing);
        } else {
            front.answer(rejection);
        }
    }

    private void endBackend() {
        if (back != null) {
            back.end();
            back = null;
        }
    }

    private void progress() {
        progressNanos = System.nanoTime();
    }

    /** Whoever has the next move must not be silent for too long. */
    void check(long nowNanos) {
        if (nowNanos - progressNanos < proxy.times().silence().toNanos() || stage == Stage.CONNECTING) {
            return;
        }
        if (wantsBody()) {
            fail(Rejection.requestTimeout("the rest of the request did not come"));
        } else {
            fail(Rejection.gatewayTimeout("the backend does not answer"));
        }
    }
}
