package io.fdnetty.examples.demo;

import io.fdnetty.examples.NativeTransport;
import io.fdnetty.examples.ProgramException;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Many clients with connections of their own, on a few event loops.
 *
 * <p>Its methods block and belong to the one thread that runs the demonstration.
 */
public final class ClientSwarm {
    private static final int CONNECTING_AT_ONCE = 128;
    private static final long POLL_MILLIS = 10;

    private final List<Pacer> pacers = new ArrayList<>();
    private final List<EventLoop> loops = new ArrayList<>();
    private int opened;

    public ClientSwarm(EventLoopGroup group) {
        for (EventExecutor executor : group) {
            EventLoop loop = (EventLoop) executor;
            loops.add(loop);
            pacers.add(new Pacer(loop));
        }
    }

    /** Opens more connections, some at a time. */
    public void connect(SocketAddress server, int connections) throws InterruptedException {
        List<ChannelFuture> opening = new ArrayList<>();
        int all = opened + connections;
        while (opened < all) {
            opening.add(connectOne(server, opened));
            opened++;
            if (opening.size() == CONNECTING_AT_ONCE || opened == all) {
                for (ChannelFuture opened : opening) {
                    check(opened.await());
                }
                opening.clear();
            }
        }
    }

    private ChannelFuture connectOne(SocketAddress server, int connection) {
        int index = connection % loops.size();
        StreamClient client = new StreamClient(connection);
        ChannelInitializer<SocketChannel> initializer = new ChannelInitializer<>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                client.addTo(channel.pipeline());
                pacers.get(index).add(client);
            }
        };
        return new Bootstrap()
                .group(loops.get(index))
                .channel(NativeTransport.clientChannel())
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(initializer)
                .connect(server);
    }

    private static void check(ChannelFuture opened) {
        if (!opened.isSuccess()) {
            throw new ProgramException(
                    "a client could not connect: " + opened.cause().getMessage()
                            + " (for many connections, raise the limit of open files: ulimit -n)",
                    opened.cause());
        }
    }

    /** Begins to send, at a rate for all clients together. */
    public void start(double framesPerSecond) throws InterruptedException {
        int connections = sum(onEachLoop(pacer -> (long) pacer.clients().size()));
        run(pacer -> pacer.start(framesPerSecond * pacer.clients().size() / connections));
    }

    private static int sum(List<Long> numbers) {
        return numbers.stream().mapToInt(Long::intValue).sum();
    }

    /** For each client the longest time that a frame took to come back, in nanoseconds, since the last call. */
    List<Long> takeLongestWaits() throws InterruptedException {
        return onEachLoop(pacer -> {
                    long now = System.nanoTime();
                    return pacer.clients().stream()
                            .map(client -> client.ledger().takeLongestWait(now))
                            .toList();
                })
                .stream()
                .flatMap(List::stream)
                .toList();
    }

    public ClientTotals totals() throws InterruptedException {
        return onEachLoop(pacer -> ClientTotals.of(pacer.clients())).stream()
                .reduce(ClientTotals.NONE, ClientTotals::plus);
    }

    /** Without the clients whose connection ended. */
    public ClientTotals totalsOfUnbroken() throws InterruptedException {
        return onEachLoop(pacer -> ClientTotals.of(pacer.clients().stream()
                        .filter(client -> client.broken() == null)
                        .toList()))
                .stream()
                .reduce(ClientTotals.NONE, ClientTotals::plus);
    }

    /** Takes the clients whose connection ended out of the swarm; nothing more happens to them. */
    public List<StreamClient> takeBroken() throws InterruptedException {
        return onEachLoop(Pacer::takeBroken).stream().flatMap(List::stream).toList();
    }

    /** Waits until all that has been sent by now has come back; returns the clients that still wait then. */
    public List<StreamClient> owed(Duration patience) throws InterruptedException {
        List<Map<StreamClient, Long>> sent = onEachLoop(Pacer::sent);
        long deadline = System.nanoTime() + patience.toNanos();
        for (; ; ) {
            List<StreamClient> owed = owed(sent);
            if (owed.isEmpty() || System.nanoTime() - deadline >= 0) {
                return owed;
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private List<StreamClient> owed(List<Map<StreamClient, Long>> sent) throws InterruptedException {
        List<StreamClient> owed = new ArrayList<>();
        for (int i = 0; i < loops.size(); i++) {
            Map<StreamClient, Long> frames = sent.get(i);
            owed.addAll(loops.get(i).submit(() -> Pacer.owed(frames)).sync().getNow());
        }
        return owed;
    }

    /** Sends no more, waits for the last echoes, and closes the connections. */
    public void end(Duration patience) throws InterruptedException {
        run(Pacer::stop);
        long deadline = System.nanoTime() + patience.toNanos();
        while (totals().awaited() > 0 && System.nanoTime() - deadline < 0) {
            Thread.sleep(POLL_MILLIS);
        }
        run(pacer -> pacer.clients().forEach(StreamClient::end));
    }

    private void run(Consumer<Pacer> action) throws InterruptedException {
        List<Boolean> unused = onEachLoop(pacer -> {
            action.accept(pacer);
            return true;
        });
        assert unused.size() == loops.size();
    }

    private <T> List<T> onEachLoop(Function<Pacer, T> question) throws InterruptedException {
        List<Future<T>> answers = new ArrayList<>();
        for (int i = 0; i < loops.size(); i++) {
            Pacer pacer = pacers.get(i);
            answers.add(loops.get(i).submit(() -> question.apply(pacer)));
        }
        List<T> results = new ArrayList<>();
        for (Future<T> answer : answers) {
            results.add(answer.sync().getNow());
        }
        return results;
    }
}
