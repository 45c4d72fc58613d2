package io.fdnetty.examples.chat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** What a client may ask for: a JSON object of strings and numbers, with its {@code type}. */
sealed interface Request {
    /** How long the text of a request may be, in bytes of UTF-8. */
    int MAX_BYTES = 16 << 10;

    /**
     * Takes a seat in a room, and gives up the one before.
     *
     * @param after the number of the last message that the client knows, or 0
     */
    record Join(String room, String name, long after) implements Request {}

    record Say(String text) implements Request {}

    /** Is answered at once. */
    record Ping(long id) implements Request {}

    /** The button. */
    record Upgrade() implements Request {}

    /**
     * Understands a request.
     *
     * @throws RefusedException if it is none of them
     */
    static Request parse(String text) throws RefusedException {
        Map<String, String> fields;
        try (JsonParser json = Reader.JSON.createParser(text)) {
            fields = Reader.fields(json);
        } catch (IOException e) {
            throw new RefusedException("This is not a JSON object of strings and numbers.");
        }
        return Reader.request(fields);
    }

    /** Reads flat objects. */
    final class Reader {
        private static final int MAX_FIELDS = 16;
        private static final JsonFactory JSON = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(1)
                        .maxStringLength(MAX_BYTES)
                        .maxNameLength(64)
                        .maxNumberLength(24)
                        .build())
                .build();

        private Reader() {}

        private static Map<String, String> fields(JsonParser json) throws IOException, RefusedException {
            Map<String, String> fields = new HashMap<>();
            boolean isFlat = json.nextToken() == JsonToken.START_OBJECT;
            while (isFlat && json.nextToken() == JsonToken.FIELD_NAME && fields.size() < MAX_FIELDS) {
                String name = json.currentName();
                isFlat = json.nextToken().isScalarValue();
                fields.put(name, json.getText());
            }
            if (!isFlat || json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
                throw new RefusedException("This is not a JSON object of strings and numbers.");
            }
            return fields;
        }

        private static Request request(Map<String, String> fields) throws RefusedException {
            String type = text(fields, "type");
            return switch (type) {
                case "join" ->
                    new Join(
                            Wording.room(text(fields, "room")),
                            Wording.name(text(fields, "name")),
                            number(fields, "after"));
                case "say" -> new Say(Wording.text(text(fields, "text")));
                case "ping" -> new Ping(number(fields, "id"));
                case "upgrade" -> new Upgrade();
                default -> throw new RefusedException("There is no such request.");
            };
        }

        private static String text(Map<String, String> fields, String name) throws RefusedException {
            String value = fields.get(name);
            if (value == null) {
                throw new RefusedException("The field \"" + name + "\" is missing.");
            }
            return value;
        }

        /** 0 if it is missing. */
        private static long number(Map<String, String> fields, String name) throws RefusedException {
            try {
                return Long.parseLong(fields.getOrDefault(name, "0"));
            } catch (NumberFormatException e) {
                throw new RefusedException("The field \"" + name + "\" must be a whole number.");
            }
        }
    }
}
