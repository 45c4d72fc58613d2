package io.fdnetty.internal.protocol;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The frame type of each message, as written on the wire. Numbers are never reused. */
public enum MessageType {
    HELLO(1, Message.Hello.class),
    WELCOME(2, Message.Welcome.class),
    REFUSED(3, Message.Refused.class),
    LISTENERS(4, Message.Listeners.class),
    STATE_BEGIN(5, Message.StateBegin.class),
    STATE_CHUNK(6, Message.StateChunk.class),
    STATE_END(7, Message.StateEnd.class),
    OFFER(8, Message.Offer.class),
    READY(9, Message.Ready.class),
    FAILED(10, Message.Failed.class),
    CUTOVER(11, Message.Cutover.class),
    CONNECTIONS(12, Message.Connections.class),
    ADOPTED(13, Message.Adopted.class),
    REJECTED(14, Message.Rejected.class),
    FINISHED(15, Message.Finished.class),
    COMPLETE(16, Message.Complete.class),
    ABORT(17, Message.Abort.class);

    private static final Map<Class<?>, MessageType> BY_CLASS = byClass();
    private static final @Nullable MessageType[] BY_NUMBER = byNumber();

    private final int number;
    private final Class<? extends Message> messageClass;

    MessageType(int number, Class<? extends Message> messageClass) {
        this.number = number;
        this.messageClass = messageClass;
    }

    public int number() {
        return number;
    }

    static MessageType of(Message message) {
        MessageType type = BY_CLASS.get(message.getClass());
        if (type == null) {
            throw new AssertionError("no frame type for " + message.getClass());
        }
        return type;
    }

    /** The type with this number, null if this version does not know it. */
    static @Nullable MessageType of(int number) {
        return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
    }

    private static Map<Class<?>, MessageType> byClass() {
        Map<Class<?>, MessageType> map = new HashMap<>();
        for (MessageType type : values()) {
            map.put(type.messageClass, type);
        }
        return Map.copyOf(map);
    }

    private static @Nullable MessageType[] byNumber() {
        @Nullable MessageType[] array = new MessageType[values().length + 1];
        for (MessageType type : values()) {
            array[type.number] = type;
        }
        return array;
    }
}
