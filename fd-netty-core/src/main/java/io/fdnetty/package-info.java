/** The facade: the upgrader and the few types that the author of a server meets. */
@NullMarked
package io.fdnetty;

import org.jspecify.annotations.NullMarked;
