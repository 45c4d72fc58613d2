package io.fdnetty;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * One named piece of a server's state that goes to the successor as a stream of any size.
 *
 * <p>Both methods run on a thread of the {@link Upgrader}'s own, never on an event loop, and may block; the stream
 * itself blocks under back-pressure, so memory stays bounded whatever the size. An exception fails the upgrade with its
 * message: before READY nothing has changed and the incumbent serves on.
 */
public interface StateSection {
    /** Returns the version of the format that {@link #save} writes. */
    default int version() {
        return 1;
    }

    /** Returns whether a successor that does not know this section must refuse the upgrade. */
    default boolean required() {
        return true;
    }

    /**
     * Writes the state. Called in the incumbent.
     *
     * @param out borrowed; need not be closed
     */
    void save(OutputStream out) throws IOException;

    /**
     * Reads the state that a predecessor saved. Called in the successor. What was read counts only when the whole
     * upgrade succeeds: the checksum is verified behind the last byte, after this method has returned.
     *
     * @param version the version that the predecessor wrote
     * @param in borrowed; bytes left unread are skipped
     */
    void load(int version, InputStream in) throws IOException;
}
