package io.fdnetty.testsuite.chat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A frame of the server, as a client reads it. */
record ChatFrame(Map<String, Object> fields) {
    private static final JsonFactory JSON = new JsonFactory();

    static ChatFrame parse(CharSequence text) {
        try (JsonParser json = JSON.createParser(text.toString())) {
            json.nextToken();
            return new ChatFrame(object(json));
        } catch (IOException e) {
            throw new UncheckedIOException(text.toString(), e);
        }
    }

    private static Map<String, Object> object(JsonParser json) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            fields.put(name, value(json));
        }
        return fields;
    }

    private static Object value(JsonParser json) throws IOException {
        return switch (json.currentToken()) {
            case START_OBJECT -> object(json);
            case START_ARRAY -> array(json);
            case VALUE_NUMBER_INT -> json.getLongValue();
            default -> json.getText();
        };
    }

    private static List<Object> array(JsonParser json) throws IOException {
        List<Object> values = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            values.add(value(json));
        }
        return values;
    }

    String type() {
        return text("type");
    }

    String text(String name) {
        return String.valueOf(fields.get(name));
    }

    long number(String name) {
        return (Long) fields.get(name);
    }
}
