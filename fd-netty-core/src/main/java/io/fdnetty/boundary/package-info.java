/**
 * Handlers that find the places between frames at which a connection can move, for protocols whose decoder keeps more
 * than bytes.
 *
 * <p>Each instance stands in one pipeline and is used on its event loop; it owns the bytes that it holds back.
 *
 * <p>Public; uses {@code io.fdnetty.move} and, of the internals, only the unread bytes of a decoder.
 */
@NullMarked
package io.fdnetty.boundary;

import org.jspecify.annotations.NullMarked;
