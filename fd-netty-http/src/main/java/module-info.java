/** Lets HTTP/1.1 and WebSocket connections of a Netty server move to its new version. */
module io.fdnetty.http {
    requires transitive io.fdnetty.core;
    requires transitive io.netty.buffer;
    requires transitive io.netty.codec;
    requires transitive io.netty.codec.http;
    requires io.netty.common;
    requires transitive io.netty.transport;
    requires static transitive org.jspecify;

    exports io.fdnetty.http;
}
