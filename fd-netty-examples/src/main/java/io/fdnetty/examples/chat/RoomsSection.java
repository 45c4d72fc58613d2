package io.fdnetty.examples.chat;

import io.fdnetty.StateSection;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The rooms on their way to the next process.
 *
 * <pre>
 *  u16 number of rooms
 *  for each: utf name, u64 number of the last message, u16 number of messages kept, and for each of these
 *            u64 milliseconds since 1970, utf name, utf text
 * </pre>
 *
 * <p>utf is a u16 length and so many bytes, as {@link DataOutputStream#writeUTF} writes it. The messages are the last
 * ones, in order, so that their numbers need no place.
 */
final class RoomsSection implements StateSection {
    static final String NAME = "rooms";

    private final ChatRooms rooms;

    RoomsSection(ChatRooms rooms) {
        this.rooms = rooms;
    }

    @Override
    public void save(OutputStream out) throws IOException {
        DataOutputStream data = new DataOutputStream(new BufferedOutputStream(out));
        rooms.shut();
        List<ChatRooms.Saved> saved = rooms.copy();
        data.writeShort(saved.size());
        for (ChatRooms.Saved room : saved) {
            data.writeUTF(room.name());
            save(room.log(), data);
        }
        data.flush();
    }

    private static void save(MessageLog log, DataOutputStream data) throws IOException {
        List<Message> messages = log.all();
        data.writeLong(log.last());
        data.writeShort(messages.size());
        for (Message message : messages) {
            data.writeLong(message.millis());
            data.writeUTF(message.name());
            data.writeUTF(message.text());
        }
    }

    @Override
    public void load(int version, InputStream in) throws IOException {
        DataInputStream data = new DataInputStream(in);
        int count = bounded("rooms", data.readUnsignedShort(), ChatRooms.MAX_ROOMS);
        List<ChatRooms.Saved> loaded = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            loaded.add(new ChatRooms.Saved(data.readUTF(), loadLog(data)));
        }
        rooms.load(loaded);
    }

    private static MessageLog loadLog(DataInputStream data) throws IOException {
        long last = data.readLong();
        int count = bounded("messages", data.readUnsignedShort(), MessageLog.MAX_MESSAGES);
        if (last < count) {
            throw new IOException("a room has " + count + " messages, but the number of the last is " + last);
        }
        MessageLog log = new MessageLog(last - count);
        for (int i = 0; i < count; i++) {
            log.add(data.readLong(), data.readUTF(), data.readUTF());
        }
        return log;
    }

    private static int bounded(String what, int count, int limit) throws IOException {
        if (count > limit) {
            throw new IOException(count + " " + what + " are too many: at most " + limit);
        }
        return count;
    }
}
