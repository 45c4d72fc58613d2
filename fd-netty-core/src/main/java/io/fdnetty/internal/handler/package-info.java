/**
 * What is known of handlers: the verdicts on those of Netty, and how those of the author differ from new ones.
 *
 * <p>Rules are immutable; snapshots are taken on the event loop of their connection and read anywhere.
 *
 * <p>Holds no handler and no channel.
 *
 * <p>Knows nothing of connections.
 */
@NullMarked
package io.fdnetty.internal.handler;

import org.jspecify.annotations.NullMarked;
