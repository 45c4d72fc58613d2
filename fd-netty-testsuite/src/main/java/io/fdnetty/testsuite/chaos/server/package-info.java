/**
 * The server of the chaos run: an echo server that is struck on order and checks its bytes against the kernel's
 * counters.
 */
@NullMarked
package io.fdnetty.testsuite.chaos.server;

import org.jspecify.annotations.NullMarked;
