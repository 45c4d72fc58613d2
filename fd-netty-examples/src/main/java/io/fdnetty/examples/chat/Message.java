package io.fdnetty.examples.chat;

/** What somebody said in a room, with the frame that tells it to every member. Immutable. */
final class Message {
    private final long sequence;
    private final long millis;
    private final String name;
    private final String text;
    private final byte[] frame;

    /**
     * @param sequence its number in its room, from 1 on, without a gap
     * @param millis when it was said, since 1970
     */
    Message(long sequence, long millis, String name, String text) {
        this.sequence = sequence;
        this.millis = millis;
        this.name = name;
        this.text = text;
        this.frame = Frames.message(sequence, millis, name, text);
    }

    long sequence() {
        return sequence;
    }

    long millis() {
        return millis;
    }

    String name() {
        return name;
    }

    String text() {
        return text;
    }

    /** The frame's JSON in UTF-8, shared by all its readers: not to be changed. */
    byte[] frame() {
        return frame;
    }

    /** What it costs to keep. */
    int size() {
        return frame.length;
    }
}
