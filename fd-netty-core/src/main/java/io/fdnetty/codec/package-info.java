/** Turns frames into bytes and descriptors, and back. */
@NullMarked
package io.fdnetty.codec;

import org.jspecify.annotations.NullMarked;
