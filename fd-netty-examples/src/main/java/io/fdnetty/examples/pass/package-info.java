/** Programs that pass open files and connections to any other program, in one plain message. */
@NullMarked
package io.fdnetty.examples.pass;

import org.jspecify.annotations.NullMarked;
