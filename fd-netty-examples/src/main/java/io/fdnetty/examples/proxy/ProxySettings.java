package io.fdnetty.examples.proxy;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * What a proxy is told. Immutable.
 *
 * @param backend the server behind it
 * @param backendName the Host field for a client that sends none
 * @param maxConnections how many clients at once; one more is turned away
 * @param maxIdle how many idle connections to the backend each event loop keeps
 * @param times how long it waits
 */
record ProxySettings(
        InetSocketAddress backend, String backendName, int maxConnections, int maxIdle, ProxySettings.Times times) {

    /**
     * How long the proxy waits for what.
     *
     * @param connect for a connection to the backend
     * @param silence for a sign of life of whoever has the next move in an exchange
     * @param head for the rest of a request's head once it has begun
     * @param idleClient for the next request of a client
     * @param idleBackend how long a connection to the backend is kept without use
     * @param tick how often these are looked at
     */
    record Times(
            Duration connect,
            Duration silence,
            Duration head,
            Duration idleClient,
            Duration idleBackend,
            Duration tick) {
        static Times withSilence(Duration silence) {
            return new Times(
                    Duration.ofSeconds(5),
                    silence,
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(300),
                    Duration.ofSeconds(15),
                    Duration.ofSeconds(1));
        }
    }
}
