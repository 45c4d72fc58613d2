/** Programs that hand their connections over to their new version, as subcommands of one executable jar. */
@NullMarked
package io.fdnetty.examples;

import org.jspecify.annotations.NullMarked;
