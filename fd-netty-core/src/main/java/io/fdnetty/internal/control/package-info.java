/**
 * Where upgrades are asked for: the control socket and its file, who may connect, and the wait for HELLO.
 *
 * <p>On the control loop, but for what a start does before there is one.
 *
 * <p>The listener owns its socket; the file belongs to the process that serves.
 *
 * <p>Below both sides of an upgrade; knows neither.
 */
@NullMarked
package io.fdnetty.internal.control;

import org.jspecify.annotations.NullMarked;
