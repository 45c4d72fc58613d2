/** Ownership of a descriptor, and the message that closes untaken descriptors when it is released. */
@NullMarked
package io.fdnetty.fd;

import org.jspecify.annotations.NullMarked;
