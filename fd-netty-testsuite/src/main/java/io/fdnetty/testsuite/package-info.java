/** Proves the guarantees with real processes: chaos, faults, load and every program of the examples, upgraded. */
@NullMarked
package io.fdnetty.testsuite;

import org.jspecify.annotations.NullMarked;
