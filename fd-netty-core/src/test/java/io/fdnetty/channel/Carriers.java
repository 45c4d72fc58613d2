package io.fdnetty.channel;

import io.fdnetty.internal.sys.Carrier;
import io.fdnetty.internal.sys.Kernel;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;

/** The carriers that this JDK has. */
final class Carriers {
    private Carriers() {}

    static Stream<Named<Kernel>> all() {
        Stream<String> names = hasForeign() ? Stream.of("foreign", "netty") : Stream.of("netty");
        return names.map(name -> Named.of(name, Carrier.choose(name)));
    }

    static boolean hasForeign() {
        return Runtime.version().feature() >= 22;
    }
}
