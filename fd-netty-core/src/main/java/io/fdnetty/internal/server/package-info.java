/**
 * What is served: the author's settings and state sections, and what the parts of one upgrader share.
 *
 * <p>Settings are immutable; sections run on a thread of their own.
 *
 * <p>Owns nothing that outlives the upgrader.
 *
 * <p>Below both sides of an upgrade.
 */
@NullMarked
package io.fdnetty.internal.server;

import org.jspecify.annotations.NullMarked;
