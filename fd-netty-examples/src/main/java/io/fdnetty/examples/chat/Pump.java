package io.fdnetty.examples.chat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells one client what it has not been told yet, as fast as the client reads it. Event loop only.
 *
 * <p>Nothing waits for a slow reader but the room's log: what is written ahead is bounded by the channel's high water
 * mark. A client that is so slow that the log forgets what it has not read is cut off. And a client that is behind is
 * not heard, so that nobody can talk faster than he listens.
 */
final class Pump {
    private static final Logger logger = LoggerFactory.getLogger(Pump.class);

    private static final int BATCH = 64;
    private static final int MAX_BEHIND = 4 * BATCH;

    private final Chat chat;
    private byte @Nullable [] toldServer;
    private byte @Nullable [] toldUpgrade;
    private long toldRooms = -1;

    Pump(Chat chat) {
        this.chat = chat;
    }

    static TextWebSocketFrame text(byte[] frame) {
        return new TextWebSocketFrame(Unpooled.wrappedBuffer(frame));
    }

    /** Returns whether there is more to tell at once. */
    boolean run(ChannelHandlerContext ctx, @Nullable Seat seat) {
        if (!ctx.channel().isWritable()) {
            hearing(ctx, false);
            return false;
        }
        tellOfServer(ctx);
        tellOfRooms(ctx);
        long behind = seat == null ? 0 : tellOfRoom(ctx, seat);
        ctx.flush();
        hearing(ctx, behind <= MAX_BEHIND && ctx.channel().isWritable());
        return behind > 0 && ctx.channel().isWritable();
    }

    private static void hearing(ChannelHandlerContext ctx, boolean on) {
        if (ctx.channel().config().isAutoRead() != on) {
            ctx.channel().config().setAutoRead(on);
        }
    }

    private void tellOfServer(ChannelHandlerContext ctx) {
        byte[] server = chat.announcements().server();
        if (server != null && server != toldServer) {
            toldServer = server;
            tell(ctx, server);
        }
        byte[] upgrade = chat.announcements().upgrade();
        if (upgrade != null && upgrade != toldUpgrade) {
            toldUpgrade = upgrade;
            tell(ctx, upgrade);
        }
    }

    private void tellOfRooms(ChannelHandlerContext ctx) {
        long changes = chat.rooms().changes();
        if (changes != toldRooms) {
            toldRooms = changes;
            tell(ctx, Frames.rooms(chat.rooms().list()));
        }
    }

    /** Returns how many messages remain. */
    private long tellOfRoom(ChannelHandlerContext ctx, Seat seat) {
        ChatRooms.News news = chat.rooms().news(seat, BATCH);
        if (news.isLost()) {
            logger.info(
                    "{} in {} reads too slowly and is cut off",
                    seat.name(),
                    seat.room().name());
            ctx.close();
            return 0;
        }
        List<String> members = news.members();
        if (members != null) {
            tell(ctx, Frames.members(seat.room().name(), members));
        }
        for (Message message : news.messages()) {
            tell(ctx, message.frame());
        }
        return news.behind();
    }

    private static void tell(ChannelHandlerContext ctx, byte[] frame) {
        ctx.write(text(frame), ctx.voidPromise());
    }
}
