/** The domain-socket channels, client and server, that carry bytes and descriptors together. */
@NullMarked
package io.fdnetty.channel;

import org.jspecify.annotations.NullMarked;
