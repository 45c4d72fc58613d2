/** The program {@code chat}: rooms over WebSocket, with a page, which survive upgrades as a whole. */
@NullMarked
package io.fdnetty.examples.chat;

import org.jspecify.annotations.NullMarked;
