/**
 * The way out: a connection is stopped, taken out of its event loop, and put into a unit; or it goes on as if nothing
 * had happened.
 *
 * <p>On the event loop of the connection; a {@code CapturedUnit} is settled from any thread, once.
 *
 * <p>A captured unit owns copies of bytes and state; the descriptor stays the channel's until the unit is released.
 *
 * <p>Used by the incumbent only.
 */
@NullMarked
package io.fdnetty.internal.capture;

import org.jspecify.annotations.NullMarked;
