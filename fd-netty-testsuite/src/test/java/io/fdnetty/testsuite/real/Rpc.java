package io.fdnetty.testsuite.real;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;

/**
 * Answers requests from the pool, passes the news on, and talks in the room. Event loop only, but for the work itself.
 */
final class Rpc extends SimpleChannelInboundHandler<String> {
    private static final String PADDING = "x".repeat(1 << 20);

    private final Services services;
    private int outstanding;

    Rpc(Services services) {
        this.services = services;
    }

    /** Whether no request waits for its answer. */
    static boolean isIdle(Channel channel) {
        Rpc rpc = channel.pipeline().get(Rpc.class);
        return rpc == null || rpc.outstanding == 0;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        services.join(ctx.channel());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, String line) {
        if (line.startsWith("REQ ")) {
            Session session = ctx.channel().attr(Session.KEY).get();
            answerLater(ctx, "RES " + line.substring(4) + ' ' + session.user() + ' ' + session.source());
        } else if (line.startsWith("BIG ")) {
            answerLater(ctx, "RES " + line.substring(4) + ' ' + PADDING);
        } else if (line.startsWith("SAY ")) {
            services.say(line.substring(4));
        } else if (!line.equals("BEAT")) {
            ctx.close();
        }
    }

    private void answerLater(ChannelHandlerContext ctx, String answer) {
        outstanding++;
        services.work(() -> ctx.executor().execute(() -> {
            ctx.writeAndFlush(answer);
            outstanding--;
        }));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Services.News news) {
            Session session = ctx.channel().attr(Session.KEY).get();
            for (long number = session.news() + 1; number <= news.upTo(); number++) {
                ctx.write("NEWS " + number);
                session.news(number);
            }
            ctx.flush();
        }
    }
}
