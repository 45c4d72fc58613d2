package io.fdnetty.testsuite.real;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;

/** Takes the login, and leaves its place to {@link Rpc}. */
final class Login extends SimpleChannelInboundHandler<String> {
    private final Services services;

    Login(Services services) {
        this.services = services;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, String line) {
        if (!line.startsWith("LOGIN ")) {
            ctx.close();
            return;
        }
        Session session = ctx.channel().attr(Session.KEY).get();
        long news = Services.latest();
        session.login(line.substring("LOGIN ".length()), news);
        ctx.writeAndFlush("WELCOME " + session.user() + ' ' + session.source() + ' ' + news);
        ctx.pipeline().replace(this, "rpc", new Rpc(services));
    }
}
