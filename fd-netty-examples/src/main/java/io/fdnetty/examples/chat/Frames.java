package io.fdnetty.examples.chat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.fdnetty.UpgradeStep;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** What the server says: JSON objects in UTF-8, each with its {@code type}. {@code docs/chat.md} lists them. */
final class Frames {
    private static final JsonFactory JSON = new JsonFactory();

    /** Writes the fields of one frame. */
    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    private Frames() {}

    static byte[] message(long sequence, long millis, String name, String text) {
        return frame("message", json -> {
            json.writeNumberField("seq", sequence);
            json.writeNumberField("at", millis);
            json.writeStringField("name", name);
            json.writeStringField("text", text);
        });
    }

    /**
     * @param from the number of the first message that follows
     * @param last the number of the last one that was said already
     */
    static byte[] joined(String room, String name, long from, long last) {
        return frame("joined", json -> {
            json.writeStringField("room", room);
            json.writeStringField("name", name);
            json.writeNumberField("from", from);
            json.writeNumberField("last", last);
        });
    }

    /** The member's name has changed. */
    static byte[] named(String name) {
        return frame("named", json -> json.writeStringField("name", name));
    }

    static byte[] members(String room, List<String> names) {
        return frame("members", json -> {
            json.writeStringField("room", room);
            json.writeArrayFieldStart("names");
            for (String name : names) {
                json.writeString(name);
            }
            json.writeEndArray();
        });
    }

    static byte[] rooms(List<ChatRooms.Summary> rooms) {
        return frame("rooms", json -> {
            json.writeArrayFieldStart("rooms");
            for (ChatRooms.Summary room : rooms) {
                json.writeStartObject();
                json.writeStringField("name", room.name());
                json.writeNumberField("members", room.members());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    /**
     * @param tookMillis how long the upgrade took that led to this process; 0 if there was none
     * @param moved how many sockets it took over
     * @param mayUpgrade whether it would obey the button
     */
    static byte[] server(long generation, long pid, long tookMillis, long moved, boolean mayUpgrade) {
        return frame("server", json -> {
            json.writeNumberField("generation", generation);
            json.writeNumberField("pid", pid);
            json.writeNumberField("tookMillis", tookMillis);
            json.writeNumberField("moved", moved);
            json.writeBooleanField("mayUpgrade", mayUpgrade);
        });
    }

    static byte[] upgradeStarting() {
        return frame("upgrade", json -> json.writeStringField("state", "starting"));
    }

    static byte[] upgradeFailed(UpgradeStep step, String reason) {
        return frame("upgrade", json -> {
            json.writeStringField("state", "failed");
            json.writeStringField("step", step.label());
            json.writeStringField("reason", reason);
        });
    }

    static byte[] pong(long id) {
        return frame("pong", json -> json.writeNumberField("id", id));
    }

    static byte[] error(String reason) {
        return frame("error", json -> json.writeStringField("reason", reason));
    }

    private static byte[] frame(String type, Fields fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("type", type);
            fields.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a stream of bytes in memory has none
        }
        return out.toByteArray();
    }
}
