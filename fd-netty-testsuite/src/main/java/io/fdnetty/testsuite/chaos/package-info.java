/** The chaos run: upgrades without a pause, most of them struck by a fault that follows from the seed. */
@NullMarked
package io.fdnetty.testsuite.chaos;

import org.jspecify.annotations.NullMarked;
