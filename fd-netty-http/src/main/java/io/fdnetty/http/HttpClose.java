package io.fdnetty.http;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The end of a connection that must go: which requests are still answered, and which answer says that it is the last.
 *
 * <p>Event loop only. RFC 9112, 9.6: what follows the last answered request is ignored, and the sending side is closed
 * first, so that no reset overtakes the answer.
 */
final class HttpClose {
    private static final long LINGER_MILLIS = 500;

    private final Exchanges exchanges;
    private boolean wanted;
    private boolean lastHasBegun;
    private boolean deaf;

    HttpClose(Exchanges exchanges) {
        this.exchanges = exchanges;
    }

    /** From now on: the requests owed are answered, or the next one if there are none, and no more. */
    void want() {
        if (!wanted) {
            wanted = true;
            lastHasBegun = exchanges.owed() > 0;
        }
    }

    boolean areWanted() {
        return wanted;
    }

    /** Whether this came in too late to be answered. */
    boolean ignores(Object message) {
        if (wanted && message instanceof HttpRequest) {
            deaf |= lastHasBegun;
            lastHasBegun = true;
        }
        return deaf;
    }

    /** Whether nothing that comes in matters any more. */
    boolean isDeaf() {
        return deaf;
    }

    /** Says that it is the last one, if it is. Called before the answer counts as begun. */
    void mark(HttpResponse response) {
        boolean isFinal = response.status().codeClass() != HttpStatusClass.INFORMATIONAL;
        if (wanted && isFinal && exchanges.owed() <= 1) {
            lastHasBegun = true;
            HttpUtil.setKeepAlive(response, false);
        }
    }

    /** Whether the last answer ends here. Called after it counts as ended. */
    boolean areSaid() {
        return lastHasBegun && exchanges.owed() == 0;
    }

    /** All is written: closes, when the client has seen it or after a while. */
    static void close(Channel channel) {
        if (channel instanceof DuplexChannel duplex && channel.isActive() && !duplex.isInputShutdown()) {
            duplex.shutdownOutput();
            channel.read();
            Future<?> end = channel.eventLoop().schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
            channel.closeFuture().addListener(closed -> end.cancel(false));
        } else {
            channel.close();
        }
    }
}
