/**
 * When connections of HTTP/1.1 and WebSocket may move. Needs {@code netty-codec-http}, which the rest of the library does not.
 */
@NullMarked
package io.fdnetty.http;

import org.jspecify.annotations.NullMarked;
