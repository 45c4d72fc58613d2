/**
 * What the author of a handler meets: when a connection may move, what moves along, and what tells a handler of it.
 *
 * <p>Handlers and options are used on the event loop of their connection, options from any thread before that. Buffers
 * belong to whoever the method names.
 *
 * <p>The vocabulary: imports nothing of the library but its one-line escape of foreign text.
 */
@NullMarked
package io.fdnetty.move;

import org.jspecify.annotations.NullMarked;
