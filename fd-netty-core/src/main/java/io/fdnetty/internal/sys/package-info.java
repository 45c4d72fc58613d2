/** The system calls, behind one small seam that tests can script. */
@NullMarked
package io.fdnetty.internal.sys;

import org.jspecify.annotations.NullMarked;
