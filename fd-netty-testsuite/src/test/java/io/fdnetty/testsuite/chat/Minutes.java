package io.fdnetty.testsuite.chat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;

/** What was said in a room, as all its members heard it: kept once for all of them. Thread-safe. */
final class Minutes {
    private final Map<Long, String> lines = new ConcurrentHashMap<>();

    /** Returns whether everybody who heard this message heard the same. */
    boolean agree(long sequence, String line) {
        String known = lines.putIfAbsent(sequence, line);
        return known == null || known.equals(line);
    }

    /** The lines of messages that somebody has heard. */
    List<String> lines(long from, long to) {
        return LongStream.rangeClosed(from, to).mapToObj(lines::get).toList();
    }
}
