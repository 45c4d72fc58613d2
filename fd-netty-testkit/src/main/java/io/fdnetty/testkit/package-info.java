/**
 * For the tests of those who use the library: {@link io.fdnetty.testkit.TestUpgrade} upgrades a server within a test,
 * {@link io.fdnetty.testkit.MoveVerifier} moves connections with a handler in between any two bytes of a conversation.
 *
 * <p>Both processes are one here: two generations of a server in one JVM, which meet at a real control socket in a
 * directory of their own and move real connections. What only a process can show, such as static state that stays
 * behind, they cannot show.
 *
 * <p>Used by the thread of a test. Uses the library's public API alone.
 */
@NullMarked
package io.fdnetty.testkit;

import org.jspecify.annotations.NullMarked;
