package io.fdnetty.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;

/**
 * Handlers that number the lines of a client who has said his name: one is right, each of the others is wrong in its
 * way.
 */
final class Sessions {
    private Sessions() {}

    static class Right extends SimpleChannelInboundHandler<String> implements MovableHandler {
        String name = "";
        int lines;

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, String line) {
            if (name.isEmpty()) {
                name = line;
            } else {
                lines++;
                ctx.writeAndFlush(name + " " + lines + "\n");
            }
        }

        @Override
        public String stateName() {
            return "session";
        }

        @Override
        public int stateVersion() {
            return 1;
        }

        @Override
        public void saveState(ChannelHandlerContext ctx, ByteBuf out) {
            out.writeInt(lines);
            out.writeCharSequence(name, UTF_8);
        }

        @Override
        public void restoreState(ChannelHandlerContext ctx, int version, ByteBuf in) {
            lines = in.readInt();
            name = in.toString(UTF_8);
        }
    }

    /** Forgets how many lines there were. */
    static final class Forgetful extends Right {
        @Override
        public void restoreState(ChannelHandlerContext ctx, int version, ByteBuf in) {
            super.restoreState(ctx, version, in);
            lines = 0;
        }
    }

    /** Never lets its connection go. */
    static final class Sticky extends Right {
        @Override
        public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
            return MoveDecision.never("it is glued to this process");
        }
    }

    /** Lets its connection go when it knows the name. */
    static final class Shy extends Right {
        private Runnable retry = () -> {};

        @Override
        public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable again) {
            retry = again;
            return name.isEmpty() ? MoveDecision.notNow("the name is not known") : MoveDecision.yes();
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, String line) {
            super.channelRead0(ctx, line);
            retry.run();
        }
    }

    /** Cannot read what it wrote. */
    static final class Broken extends Right {
        @Override
        public void restoreState(ChannelHandlerContext ctx, int version, ByteBuf in) {
            throw new IllegalArgumentException("no idea what this is");
        }
    }

    /** Loses the buffer of its state. */
    static final class Leaky extends Right {
        @Override
        public void restoreState(ChannelHandlerContext ctx, int version, ByteBuf in) {
            super.restoreState(ctx, version, in);
            ctx.alloc().buffer().writeInt(lines);
        }
    }
}
