/**
 * The process that starts while another one serves: finds it, takes over, and gives back what it cannot keep.
 *
 * <p>The author's thread blocks in {@code Startup}; everything else runs on the control loop, the author's sections on
 * a thread of their own.
 *
 * <p>Received descriptors belong to the units and listeners that carry them until those are adopted or released.
 *
 * <p>Top rank. Never imports the incumbent's room.
 */
@NullMarked
package io.fdnetty.internal.successor;

import org.jspecify.annotations.NullMarked;
