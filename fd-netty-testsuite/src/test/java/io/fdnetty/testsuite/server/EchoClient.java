package io.fdnetty.testsuite.server;

import java.io.Closeable;
import java.io.IOException;

/**
 * A client of an echo server, for tests: one exchange at a time. Its owner closes it, which ends an exchange under way.
 */
interface EchoClient extends Closeable {
    /** Sends the next message and compares its answer. */
    void exchange() throws IOException;
}
