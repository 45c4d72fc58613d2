/**
 * The open connections of one server that can move, their kinds and the groups in which they move.
 *
 * <p>Each connection is changed on its event loop; the registry is thread-safe.
 *
 * <p>Owns nothing but entries: channels belong to their event loops.
 *
 * <p>Three classes need each other and form the one circle that is allowed here: the registry, its entries, and their
 * groups.
 */
@NullMarked
package io.fdnetty.internal.connection;

import org.jspecify.annotations.NullMarked;
