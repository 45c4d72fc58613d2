/**
 * The wire: frames, messages, units and their fields. Every bound is checked before anything is allocated.
 *
 * <p>Codecs run on the control loop; values are immutable or owned by one thread.
 *
 * <p>A message owns its descriptors and buffers until it is written or released.
 *
 * <p>Numbers on the wire are never reused. {@code Message} and {@code MessageType} name each other.
 */
@NullMarked
package io.fdnetty.internal.protocol;

import org.jspecify.annotations.NullMarked;
