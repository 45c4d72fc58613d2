/** Turns a descriptor into a live channel, and keeps the table of inherited descriptors. */
@NullMarked
package io.fdnetty.adoption;

import org.jspecify.annotations.NullMarked;
