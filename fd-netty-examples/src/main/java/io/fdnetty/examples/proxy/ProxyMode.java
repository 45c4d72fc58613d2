package io.fdnetty.examples.proxy;

/** What the proxy understands of the bytes that it passes on. */
enum ProxyMode {
    /** Nothing. */
    TCP,
    /** HTTP/1.1, and protocols that begin as HTTP, such as WebSocket. */
    HTTP
}
