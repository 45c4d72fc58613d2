package io.fdnetty.examples.chat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The page and what belongs to it, in memory. Immutable. */
final class Assets {
    private final Map<String, Asset> byPath = new LinkedHashMap<>();

    /**
     * One file.
     *
     * @param type of the content, with its charset
     * @param content not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Asset(String type, byte[] content) {}

    /** Reads the files out of the jar. */
    Assets() {
        add("/", "index.html", "text/html; charset=utf-8");
        add("/chat.css", "chat.css", "text/css; charset=utf-8");
        add("/chat.js", "chat.js", "text/javascript; charset=utf-8");
        add("/icon.svg", "icon.svg", "image/svg+xml");
    }

    @Nullable
    Asset get(String path) {
        return byPath.get(path);
    }

    private void add(String path, String file, String type) {
        try (InputStream in = Assets.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("the jar has no " + file);
            }
            byPath.put(path, new Asset(type, in.readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
