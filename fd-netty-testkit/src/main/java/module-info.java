/** Upgrades servers within tests, and verifies handlers that move. */
module io.fdnetty.testkit {
    requires transitive io.fdnetty.core;
    requires transitive io.netty.transport;
    requires io.netty.buffer;
    requires io.netty.common;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.classes.kqueue;
    requires io.netty.transport.unix.common;
    requires static transitive org.junit.jupiter.api;
    requires static transitive org.jspecify;

    exports io.fdnetty.testkit;
}
