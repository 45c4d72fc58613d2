/** When HTTP/1.1 and WebSocket connections may move. Needs {@code netty-codec-http}. */
@NullMarked
package io.fdnetty.http;

import org.jspecify.annotations.NullMarked;
