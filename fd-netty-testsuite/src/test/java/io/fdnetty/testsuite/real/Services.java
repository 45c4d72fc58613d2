package io.fdnetty.testsuite.real;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** What the connections share: a pool that answers, a thread that has news, a room. Thread-safe. */
final class Services {
    static final int NEWS_MILLIS = 100;
    private static final int SLOWEST_ANSWER_MILLIS = 500;

    private final ScheduledExecutorService pool =
            Executors.newScheduledThreadPool(4, new DefaultThreadFactory("pool", true));
    private final ChannelGroup clients = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private long said;

    /** News for all, from now on. */
    void start() {
        pool.scheduleAtFixedRate(this::tell, 0, NEWS_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The number of the newest news: every process would give the same. */
    static long latest() {
        return System.currentTimeMillis() / NEWS_MILLIS;
    }

    private void tell() {
        News news = new News(latest());
        clients.forEach(client -> client.pipeline().fireUserEventTriggered(news));
    }

    /** @param upTo the number of the newest */
    record News(long upTo) {}

    void join(Channel client) {
        clients.add(client);
    }

    /** Works for a while, somewhere else. */
    void work(Runnable done) {
        pool.schedule(done, ThreadLocalRandom.current().nextInt(SLOWEST_ANSWER_MILLIS), TimeUnit.MILLISECONDS);
    }

    /** Says something to all that are in the room, each in the same order. */
    synchronized void say(String text) {
        said++;
        String line = "SAID " + said + ' ' + text;
        clients.forEach(client -> client.eventLoop().execute(() -> client.writeAndFlush(line)));
    }

    synchronized long said() {
        return said;
    }

    synchronized void said(long number) {
        said = number;
    }
}
