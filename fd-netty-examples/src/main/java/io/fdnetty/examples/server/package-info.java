/** Servers that hand themselves over when they are started again with the same command line. */
@NullMarked
package io.fdnetty.examples.server;

import org.jspecify.annotations.NullMarked;
