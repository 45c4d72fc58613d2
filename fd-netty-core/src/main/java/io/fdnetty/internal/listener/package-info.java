/**
 * Listening and UDP sockets that were opened here or inherited, and the channels of the connections that come with
 * them.
 *
 * <p>The table is thread-safe; each listener is changed on its own event loop.
 *
 * <p>A descriptor belongs to the table until a channel has it.
 *
 * <p>{@code Transport} and its two native kinds know each other.
 */
@NullMarked
package io.fdnetty.internal.listener;

import org.jspecify.annotations.NullMarked;
