package io.fdnetty.testkit;

import io.fdnetty.Upgrader;

/**
 * Starts a server as its main method does, but for what makes the {@link Upgrader}.
 *
 * @param <S> the server
 */
@FunctionalInterface
public interface ServerStarter<S extends AutoCloseable> {
    /**
     * Binds the server's listeners, with {@link Upgrader#listener} as the channel factory. The caller says
     * {@link Upgrader#ready} then.
     *
     * @param upgrader borrowed; the server does not close it
     * @return the server, which closes its channels and ends its event loops in {@code close}
     */
    S start(Upgrader upgrader) throws Exception;
}
