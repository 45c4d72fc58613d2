package io.fdnetty.fuzz;

import io.fdnetty.fd.Descriptor;
import io.netty.channel.unix.FileDescriptor;
import java.util.ArrayList;
import java.util.List;

/** Descriptors that are numbers only: nothing is opened, and it is counted who was closed. */
final class Tokens {
    private static final int FIRST = 1 << 20;

    private final List<Token> all = new ArrayList<>();
    private int open;

    Descriptor next() {
        Token token = new Token(FIRST + all.size());
        all.add(token);
        open++;
        return Descriptor.adopt(token, "token");
    }

    List<Descriptor> next(int count) {
        List<Descriptor> tokens = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            tokens.add(next());
        }
        return tokens;
    }

    int open() {
        return open;
    }

    /** Nothing was leaked. */
    void assertAllClosed() {
        Checks.that(open == 0, "descriptors are left open");
    }

    private final class Token extends FileDescriptor {
        Token(int number) {
            super(number);
        }

        @Override
        public void close() {
            Checks.that(markClosed(), "a descriptor is closed twice");
            open--;
        }
    }
}
