/**
 * The only room that reflects into Netty: every place without a public door, checked against 4.2.18, each with a
 * fallback in its caller.
 *
 * <p>Event loop only, where it is about a channel.
 *
 * <p>Owns nothing, but the unread bytes that were taken out of a decoder.
 *
 * <p>Near the bottom: knows nothing of moves.
 */
@NullMarked
package io.fdnetty.internal.netty;

import org.jspecify.annotations.NullMarked;
