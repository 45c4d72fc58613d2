package io.fdnetty.http;

import java.util.Map;
import java.util.TreeMap;

/** The head of an HTTP/1.1 message, looked at without a codec; tolerant, since its real reader is somebody else. */
final class HttpHead {
    private final String firstLine;
    private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    private HttpHead(String firstLine) {
        this.firstLine = firstLine;
    }

    /** @param text from the first line to the empty one, in ISO 8859-1 */
    static HttpHead parse(String text) {
        String[] lines = text.strip().split("\r\n", -1);
        HttpHead head = new HttpHead(lines[0]);
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                head.headers.merge(
                        lines[i].substring(0, colon),
                        lines[i].substring(colon + 1).strip(),
                        (first, more) -> first + ',' + more);
            }
        }
        return head;
    }

    /** The values of all headers of that name; empty if there is none. */
    String header(String name) {
        return headers.getOrDefault(name, "");
    }

    /** The second word of the first line: a request's target, an answer's status. */
    String secondWord() {
        String[] words = firstLine.split(" ", 3);
        return words.length < 2 ? "" : words[1];
    }

    boolean isWebSocketUpgrade() {
        return header("Upgrade").equalsIgnoreCase("websocket");
    }
}
