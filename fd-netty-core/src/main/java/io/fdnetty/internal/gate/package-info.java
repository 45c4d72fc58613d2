/**
 * What stands in a pipeline because of a move: the gate that holds everything back, the guard that counts answers, the
 * queues behind them.
 *
 * <p>Event loop only.
 *
 * <p>A gate owns what it holds until it is opened, taken along, or failed.
 *
 * <p>Knows nothing of connections; {@code Gate} and {@code HeldOutbound} are two halves of one thing and know each
 * other.
 */
@NullMarked
package io.fdnetty.internal.gate;

import org.jspecify.annotations.NullMarked;
