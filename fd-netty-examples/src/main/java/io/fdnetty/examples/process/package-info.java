/** Programs of this jar as processes of their own: started, listened to, ended. */
@NullMarked
package io.fdnetty.examples.process;

import org.jspecify.annotations.NullMarked;
