/** The protocol between incumbent and successor: messages, pure state machines, and the handler that drives them. */
@NullMarked
package io.fdnetty.handover;

import org.jspecify.annotations.NullMarked;
