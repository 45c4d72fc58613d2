package io.fdnetty;

import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LineBasedFrameDecoder;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What the connections of a server share: each line of a member goes to all members, and is counted. */
final class Room extends ChannelInitializer<Channel> implements StateSection {
    private static final int LONGEST_LINE = 100;

    final AtomicLong lines = new AtomicLong();
    final AtomicLong joined = new AtomicLong();
    final AtomicLong failedWrites = new AtomicLong();
    final AtomicInteger arrived = new AtomicInteger();
    final Set<Channel> members = ConcurrentHashMap.newKeySet();

    /** The member that this server does not take over. */
    volatile long unwelcome;

    /** The member that does not want to move. */
    volatile long stubborn;

    /** Run as each member arrives. */
    volatile Runnable onArrival = () -> {};

    /** Run as each member joins. */
    volatile Runnable onJoin = () -> {};

    @Override
    public void save(OutputStream out) throws IOException {
        DataOutputStream data = new DataOutputStream(out);
        data.writeLong(lines.get());
        data.writeLong(joined.get());
    }

    @Override
    public void load(int version, InputStream in) throws IOException {
        DataInputStream data = new DataInputStream(in);
        lines.set(data.readLong());
        joined.set(data.readLong());
    }

    @Override
    public boolean isSharable() {
        return true;
    }

    @Override
    protected void initChannel(Channel channel) {
        members.add(channel);
        channel.closeFuture().addListener(closed -> members.remove(channel));
        channel.pipeline().addLast(new LineBasedFrameDecoder(LONGEST_LINE, false, true), new Member());
    }

    private void tell(ByteBuf line) {
        lines.incrementAndGet();
        for (Channel member : members) {
            member.writeAndFlush(line.retainedDuplicate()).addListener(written -> {
                if (!written.isSuccess()) {
                    failedWrites.incrementAndGet();
                }
            });
        }
    }

    private final class Member extends SimpleChannelInboundHandler<ByteBuf> implements MovableHandler {
        private long number;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            number = joined.incrementAndGet();
            onJoin.run();
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf line) {
            tell(line);
        }

        @Override
        public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
            return number == stubborn ? MoveDecision.notNow("") : MoveDecision.yes();
        }

        @Override
        public int stateVersion() {
            return 1;
        }

        @Override
        public void saveState(ChannelHandlerContext ctx, ByteBuf out) {
            out.writeLong(number);
        }

        @Override
        public void restoreState(ChannelHandlerContext ctx, int version, ByteBuf in) {
            number = in.readLong();
            if (number == unwelcome) {
                throw new IllegalStateException("member " + number + " is not welcome");
            }
            arrived.incrementAndGet();
            onArrival.run();
        }
    }
}
