package io.fdnetty.examples.chat;

import static java.util.Objects.requireNonNull;

import io.fdnetty.UpgradeReport;
import io.fdnetty.Upgrader;
import io.fdnetty.UpgraderBuilder;
import io.fdnetty.examples.server.ListenAddress;
import io.fdnetty.examples.server.ServerCommand;
import io.fdnetty.move.MoveOptions;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The chat server: rooms over WebSocket, with a page; upgrades take the rooms and every socket along. */
@Command(
        name = "chat",
        description = {
            "A chat server with a web page at /, whose rooms and sockets survive upgrades.",
            "The page shows which process it talks to, and has a button that upgrades the server.",
            "Started again with the same line, it takes over from the running one."
        })
public final class ChatCommand extends ServerCommand {
    /** How long all wait for the one that is in the middle of a message, or whose event loop is busy. */
    private static final Duration STOP = Duration.ofSeconds(5);
    /** Requests are answered at once, and what the members of a room hear answers nothing. */
    private static final MoveOptions MOVES = MoveOptions.restored().answersOnLoop();

    @Mixin
    @SuppressWarnings("NullAway.Init") // injected by picocli
    private ListenAddress address;

    @Option(
            names = "--allow-upgrade",
            negatable = true,
            description = "Whether whoever sees the page may upgrade the server with its button"
                    + " (default: only if the server listens on loopback).")
    private @Nullable Boolean allowUpgrade;

    private final ChatRooms rooms = new ChatRooms();
    private @Nullable Announcements announcements;

    @Override
    protected String application() {
        return "chat";
    }

    @Override
    protected void configure(UpgraderBuilder upgrades) {
        announcements = new Announcements(rooms, mayUpgrade());
        upgrades.together(STOP)
                .finalState(RoomsSection.NAME, new RoomsSection(rooms))
                .listener(announcements);
    }

    @Override
    protected Channel bind(Upgrader upgrader, EventLoopGroup acceptors, EventLoopGroup workers)
            throws InterruptedException {
        Announcements news = requireNonNull(announcements);
        UpgradeButton button = new UpgradeButton(news, mayUpgrade() ? () -> successorOf(upgrader) : null);
        Visitors visitors = isLocal() ? Visitors.ofLoopback() : Visitors.ofAnyHost();
        ChatInitializer connections = new ChatInitializer(new Chat(rooms, news, button, visitors));
        return address.bind(new ServerBootstrap()
                .group(acceptors, workers)
                .channelFactory(upgrader.listener("chat"))
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(upgrader.movable("chat", connections, MOVES)));
    }

    private CompletionStage<UpgradeReport> successorOf(Upgrader upgrader) {
        return upgrader.spawn(again());
    }

    @Override
    protected void sayGoodbye(Channel connection) {
        ChatSocket socket = connection.pipeline().get(ChatSocket.class);
        if (socket != null) {
            socket.sayGoodbye();
        }
    }

    private boolean isLocal() {
        return address.resolve().getAddress().isLoopbackAddress();
    }

    private boolean mayUpgrade() {
        return allowUpgrade == null ? isLocal() : allowUpgrade;
    }

    private final class ChatInitializer extends ChannelInitializer<Channel> {
        private final Chat chat;
        private final Assets assets = new Assets();

        ChatInitializer(Chat chat) {
            this.chat = chat;
        }

        @Override
        protected void initChannel(Channel connection) {
            track(connection);
            SocketPipeline.build(connection.pipeline(), chat, assets);
        }
    }
}
