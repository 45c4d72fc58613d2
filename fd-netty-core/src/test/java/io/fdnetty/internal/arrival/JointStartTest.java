package io.fdnetty.internal.arrival;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.EchoServer;
import io.fdnetty.Role;
import io.fdnetty.UpgradeListener;
import io.fdnetty.UpgradePhase;
import io.fdnetty.move.ConnectionRestored;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A group that connections join as they become active is full before one of them writes to it. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class JointStartTest {
    private static final int CLIENTS = 60;
    private static final byte[] LINE = "a line\n".getBytes(UTF_8);

    @TempDir
    Path directory;

    private EchoServer start(Club club, UpgradeListener listener) throws Exception {
        return EchoServer.start(
                directory.resolve("upgrade.sock"),
                settings -> settings.together(Duration.ofSeconds(20)).listener(listener),
                (upgrader, unused) ->
                        upgrader.movable("echo", club, MoveOptions.restored().answersOnLoop()));
    }

    @Test
    void everyLineThatWaitedReachesAllMembers() throws Exception {
        Club before = new Club();
        Club after = new Club();
        List<Socket> clients = new ArrayList<>();
        try (EchoServer old = start(before, new Speakers(clients))) {
            for (int i = 0; i < CLIENTS; i++) {
                Socket client = new Socket(InetAddress.getLoopbackAddress(), old.port());
                client.setSoTimeout(10_000);
                clients.add(client);
            }
            Eventually.holds("all have joined", () -> before.members.size() == CLIENTS);
            try (EchoServer next = start(after, new UpgradeListener() {})) {
                assertThat(old.upgrader
                                .handedOver()
                                .toCompletableFuture()
                                .get(20, TimeUnit.SECONDS)
                                .moved())
                        .isEqualTo(CLIENTS);
                for (Socket client : clients) {
                    assertThat(client.getInputStream().readNBytes(CLIENTS * LINE.length))
                            .hasSize(CLIENTS * LINE.length);
                }
                assertThat(after.sizes).hasSize(CLIENTS - before.sizes.size()).allMatch(size -> size == CLIENTS);
                assertThat(next.upgrader.tookOver()).isTrue();
            }
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    /** Lets every client say its line when nobody in the old process reads any more. */
    private record Speakers(List<Socket> clients) implements UpgradeListener {
        @Override
        public void phase(Role role, UpgradePhase phase, String reason) {
            if (phase == UpgradePhase.SENDING_FINAL_STATE) {
                clients.forEach(Speakers::speak);
            }
        }

        private static void speak(Socket client) {
            try {
                client.getOutputStream().write(LINE);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static final class Club extends ChannelInitializer<Channel> {
        final ChannelGroup members = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        /** How many members there were when each line came. */
        final Queue<Integer> sizes = new ConcurrentLinkedQueue<>();

        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new LineBasedFrameDecoder(100, false, true), new Member());
        }

        private final class Member extends SimpleChannelInboundHandler<ByteBuf> {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                members.add(ctx.channel());
            }

            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event == ConnectionRestored.INSTANCE) {
                    members.add(ctx.channel());
                }
            }

            @Override
            protected void channelRead0(ChannelHandlerContext ctx, ByteBuf line) {
                sizes.add(members.size());
                members.writeAndFlush(line.retainedDuplicate());
            }
        }
    }
}
