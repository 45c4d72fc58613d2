/**
 * What is told about an upgrade: the log, the report, the Flight Recorder, and the author's listeners, one call at a
 * time.
 *
 * <p>The journal is written on the control loop; listeners run on a thread of their own.
 *
 * <p>Owns nothing.
 *
 * <p>Uses the vocabulary alone.
 */
@NullMarked
package io.fdnetty.internal.report;

import org.jspecify.annotations.NullMarked;
