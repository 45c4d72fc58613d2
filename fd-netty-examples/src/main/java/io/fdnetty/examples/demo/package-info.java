/** The demonstration: clients that never pause, while one server process after another takes over. */
@NullMarked
package io.fdnetty.examples.demo;

import org.jspecify.annotations.NullMarked;
