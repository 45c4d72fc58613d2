/**
 * What incumbent and successor decide: two pure state machines, their phases, events, actions and outcomes, and the
 * driver that feeds them.
 *
 * <p>On the control loop. The machines touch no channel and no clock.
 *
 * <p>Ledgers hold units until they are settled; an action that carries a unit or descriptor hands it on.
 *
 * <p>Sealed hierarchies name their parts and are named by them.
 */
@NullMarked
package io.fdnetty.internal.machine;

import org.jspecify.annotations.NullMarked;
