/**
 * Programs to learn from: one file each, nothing but the public API, each upgraded by a test under a client that never
 * pauses.
 *
 * <p>Begin with {@link io.fdnetty.examples.simple.EchoServer}. The others add one thing each: HTTP, WebSocket,
 * connections that the server opened itself, a handler with a state, and descriptors that are passed by hand. What they
 * leave out (signals, logging, options) is in the programs of the packages beside this one.
 *
 * <p>Each runs with {@code java -cp fd-netty-examples.jar io.fdnetty.examples.simple.EchoServer /path/to/upgrade.sock
 * 8080}; the same line once more is the upgrade.
 */
@NullMarked
package io.fdnetty.examples.simple;

import org.jspecify.annotations.NullMarked;
