/**
 * The process that serves and is asked for an upgrade: it hands over listeners, state and connections, and takes back
 * what the successor does not acknowledge.
 *
 * <p>Everything runs on the control loop; captures run on the event loops of the connections and report to it.
 *
 * <p>A captured unit belongs to the mover until it is sent and acknowledged or given back; the driver owns the control
 * connection.
 *
 * <p>Top rank. Never imports the successor's room.
 */
@NullMarked
package io.fdnetty.internal.incumbent;

import org.jspecify.annotations.NullMarked;
