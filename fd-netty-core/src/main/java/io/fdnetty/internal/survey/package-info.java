/**
 * Looks at one pipeline with the eyes of a mover: may this connection go now, and if not, which line helps.
 *
 * <p>On the event loop of the connection; a survey is true as long as the pipeline does not change.
 *
 * <p>Owns nothing.
 *
 * <p>Between capture, arrival and the connections below.
 */
@NullMarked
package io.fdnetty.internal.survey;

import org.jspecify.annotations.NullMarked;
