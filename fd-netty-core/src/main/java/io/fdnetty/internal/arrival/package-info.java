/**
 * The way in: a unit becomes live channels of this process, step by step, and can be taken back until it starts.
 *
 * <p>On the event loop of the unit's first socket.
 *
 * <p>An adopted unit's descriptors belong to its channels; a rejected one's copies are closed unread.
 *
 * <p>Used by the successor, and by whatever else revives connections. Needs no live predecessor.
 */
@NullMarked
package io.fdnetty.internal.arrival;

import org.jspecify.annotations.NullMarked;
