package io.fdnetty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.testing.Eventually;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Members of a {@link Room}. Some talk: each says its next line when it hears its last one. All listen: they hear each
 * line once, in the order of its talker.
 */
final class RoomClients implements AutoCloseable {
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("members", true), EpollIoHandler.newFactory());
    private final List<Client> clients = new ArrayList<>();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final AtomicLong said = new AtomicLong();
    private final int talkers;
    private volatile boolean talking = true;

    private RoomClients(int talkers) {
        this.talkers = talkers;
    }

    static RoomClients connect(int port, int count, int talkers) throws InterruptedException {
        RoomClients all = new RoomClients(talkers);
        for (int i = 0; i < count; i++) {
            all.clients.add(all.connect(port, i));
        }
        return all;
    }

    private Client connect(int port, int number) throws InterruptedException {
        Client client = new Client(number);
        client.channel = new Bootstrap()
                .group(group)
                .channel(EpollSocketChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new LineBasedFrameDecoder(100), client);
                    }
                })
                .connect(InetAddress.getLoopbackAddress(), port)
                .sync()
                .channel();
        return client;
    }

    /** Begins, when the room knows all. */
    void talk() {
        clients.subList(0, talkers).forEach(client -> client.channel.eventLoop().execute(client::speak));
    }

    /** Waits until the talkers have said so many more lines. */
    void awaitLines(int more) {
        long target = said.get() + more;
        Eventually.holds("they go on talking, faults " + faults, () -> said.get() >= target);
    }

    /** Says nothing more; everybody has heard everything, once. Returns how many lines that are. */
    long settle() {
        talking = false;
        Eventually.holds(
                "everybody has heard everything", () -> clients.stream().allMatch(Client::heardAll));
        assertThat(faults).isEmpty();
        assertThat(clients).allMatch(client -> client.channel.isActive());
        return said.get();
    }

    @Override
    public void close() {
        clients.forEach(client -> client.channel.close().syncUninterruptibly());
        group.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Client extends SimpleChannelInboundHandler<ByteBuf> {
        private final int number;
        private final int[] last = new int[talkers];
        private final AtomicLong heard = new AtomicLong();
        private Channel channel;
        private int next = 1;

        Client(int number) {
            this.number = number;
        }

        void speak() {
            if (talking) {
                said.incrementAndGet();
                channel.writeAndFlush(Unpooled.copiedBuffer(number + ":" + next++ + "\n", UTF_8));
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf line) {
            String text = line.toString(UTF_8);
            int colon = text.indexOf(':');
            int talker = Integer.parseInt(text.substring(0, colon));
            int count = Integer.parseInt(text.substring(colon + 1));
            if (count != last[talker] + 1) {
                faults.add(number + " heard " + text + " after " + last[talker]);
            }
            last[talker] = count;
            heard.incrementAndGet();
            if (talker == number) {
                speak();
            }
        }

        boolean heardAll() {
            return heard.get() == said.get();
        }
    }
}
