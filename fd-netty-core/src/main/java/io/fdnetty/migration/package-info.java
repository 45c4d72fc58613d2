/** Moves one live connection: quiesce, capture and detach it here; let it arrive and restore it there. */
@NullMarked
package io.fdnetty.migration;

import org.jspecify.annotations.NullMarked;
