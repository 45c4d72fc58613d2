package io.fdnetty.examples.proxy;

/** The event by which a connection learns that the proxy is being stopped. */
enum Goodbye {
    SAID
}
