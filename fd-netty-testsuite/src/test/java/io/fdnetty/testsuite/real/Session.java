package io.fdnetty.testsuite.real;

import io.netty.buffer.ByteBuf;
import io.netty.util.AttributeKey;
import java.nio.charset.StandardCharsets;

/** What the server knows of a client. On its event loop. */
final class Session {
    static final AttributeKey<Session> KEY = AttributeKey.valueOf(Session.class, "session");

    private final String source;
    private String user = "";
    /** The last news that was sent. */
    private long news;

    /** @param source the address that the PROXY header told */
    Session(String source) {
        this.source = source;
    }

    String source() {
        return source;
    }

    String user() {
        return user;
    }

    boolean isLoggedIn() {
        return !user.isEmpty();
    }

    void login(String name, long lastNews) {
        user = name;
        news = lastNews;
    }

    long news() {
        return news;
    }

    void news(long last) {
        news = last;
    }

    static void save(Session session, ByteBuf out) {
        write(session.source, out);
        write(session.user, out);
        out.writeLong(session.news);
    }

    static Session load(ByteBuf in) {
        Session session = new Session(read(in));
        session.login(read(in), in.readLong());
        return session;
    }

    private static void write(String text, ByteBuf out) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(bytes.length).writeBytes(bytes);
    }

    private static String read(ByteBuf in) {
        return in.readCharSequence(in.readUnsignedShort(), StandardCharsets.UTF_8)
                .toString();
    }
}
