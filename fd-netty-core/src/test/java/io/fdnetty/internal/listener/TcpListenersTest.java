package io.fdnetty.internal.listener;

import static io.fdnetty.internal.listener.Servers.LOOPBACK_ANY_PORT;
import static io.fdnetty.internal.listener.Servers.cold;
import static io.fdnetty.internal.listener.Servers.get;
import static io.fdnetty.internal.listener.Servers.handOver;
import static io.fdnetty.internal.listener.Servers.port;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.fd.SocketKind;
import io.fdnetty.testing.DescriptorLeaks;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class TcpListenersTest {
    private final Servers servers = new Servers();
    private final Listeners old = cold();

    @AfterEach
    void close() {
        servers.close();
    }

    @Test
    void aColdListenerQueuesUntilItIsReleased() throws Exception {
        Channel server = servers.echo(old, "http", LOOPBACK_ANY_PORT, "a");
        try (Client client = Client.tcp(port(server))) {
            client.send("x");
            assertThat(old.named("http").get(0).children()).isEmpty();

            old.releaseAll();

            assertThat(client.receive(2)).isEqualTo("ax");
            assertThat(old.named("http").get(0).children()).hasSize(1);
        }
    }

    @Test
    void aListenerThatIsBoundAfterTheReleaseAcceptsAtOnce() throws Exception {
        old.releaseAll();
        Channel server = servers.echo(old, "http", LOOPBACK_ANY_PORT, "a");
        try (Client client = Client.tcp(port(server))) {
            assertThat(client.receive(1)).isEqualTo("a");
        }
    }

    @Test
    void noClientIsRefusedOrResetWhileTheListenerPassesFromOldToNew() throws Exception {
        Channel server = servers.echo(old, "http", LOOPBACK_ANY_PORT, "a");
        old.releaseAll();
        ClientsThatNeverStop clients = new ClientsThatNeverStop(port(server), 4);
        clients.awaitMore(50);

        Listeners successor = new Listeners(handOver(old));
        servers.echo(successor, "http", server.localAddress(), "b");
        clients.awaitMore(50);
        assertThat(clients.servedBy("b")).isZero();
        get(old.stopAll());
        successor.releaseAll();
        get(old.retireAll());
        clients.awaitMore(50);

        clients.stop();
        assertThat(clients.servedBy("b")).isGreaterThanOrEqualTo(50);
        assertThat(server.isOpen()).isFalse();
        assertThat(server.closeFuture().isDone()).isFalse();
        get(old.closeAll());
        assertThat(server.closeFuture().isDone()).isTrue();
        assertThat(old.all()).isEmpty();
    }

    @Test
    void aConnectionThatWaitsInTheQueueSurvivesTheOldProcess() throws Exception {
        Channel server = servers.echo(old, "http", LOOPBACK_ANY_PORT, "a");
        try (Client waiting = Client.tcp(port(server))) {
            Listeners successor = new Listeners(handOver(old));
            servers.echo(successor, "http", server.localAddress(), "b");
            get(old.stopAll());
            get(old.retireAll());
            get(old.closeAll());
            successor.releaseAll();

            assertThat(waiting.receive(1)).isEqualTo("b");
        }
    }

    @Test
    void portZeroKeepsTheInheritedPort() throws Exception {
        Channel server = servers.echo(old, "http", LOOPBACK_ANY_PORT, "");
        InheritedSockets table = handOver(old);
        Listeners successor = new Listeners(table);

        Channel adopted = servers.echo(successor, "http", LOOPBACK_ANY_PORT, "");

        assertThat(port(adopted)).isEqualTo(port(server));
        assertThat(successor.named("http").get(0).isInherited()).isTrue();
        assertThat(table.closeUnclaimed()).isEmpty();
    }

    @Test
    void theWildcardFitsTheWildcard() throws Exception {
        Channel server = servers.bind(servers.bootstrap().channelFactory(old.tcp("http")), new InetSocketAddress(0));
        Listeners successor = new Listeners(handOver(old));

        ChannelFuture adopted = servers.bootstrap()
                .channelFactory(successor.tcp("http"))
                .bind(port(server))
                .sync();

        assertThat(port(servers.closing(adopted.channel()))).isEqualTo(port(server));
    }

    @Test
    void anAddressThatDoesNotFitFailsTheBindAndSaysWhatToDo() throws Exception {
        servers.echo(old, "http", LOOPBACK_ANY_PORT, "");
        InheritedSockets table = handOver(old);
        Listeners successor = new Listeners(table);

        ChannelFuture bind = servers.bootstrap()
                .channelFactory(successor.tcp("http"))
                .bind(0)
                .await();

        assertThat(bind.cause())
                .isInstanceOf(BindException.class)
                .hasMessageContaining("'http'")
                .hasMessageContaining("bind the same address");
        bind.channel().closeFuture().await();
        bind.channel().eventLoop().submit(() -> {}).sync();
        assertThat(successor.all()).isEmpty();
        assertThat(table.closeUnclaimed()).hasSize(1).first().asString().startsWith("http (TCP_LISTENER");
    }

    @Test
    void aNameThatWasInheritedAsAnotherKindIsOpenedAnewAndTheInheritedOneNamed() throws Exception {
        servers.echo(old, "http", LOOPBACK_ANY_PORT, "");
        InheritedSockets table = handOver(old);
        Listeners successor = new Listeners(table);

        Channel udp = new Bootstrap()
                .group(servers.boss)
                .channelFactory(successor.udp("http"))
                .handler(new Servers.Echo(""))
                .bind(LOOPBACK_ANY_PORT)
                .sync()
                .channel();
        assertThat(successor.all()).extracting(Listener::kind).containsExactly(SocketKind.UDP);
        assertThat(servers.closing(udp).isActive()).isTrue();
        successor.releaseAll();

        assertThat(table.closeUnclaimed()).hasSize(1).first().asString().startsWith("http (TCP_LISTENER");
    }

    @Test
    void twoBindsFromOneFactoryTakeTheirSocketsInTheSameOrder() throws Exception {
        ServerBootstrap bootstrap = servers.bootstrap().channelFactory(old.tcp("http"));
        Channel first = servers.bind(bootstrap, LOOPBACK_ANY_PORT);
        Channel second = servers.bind(bootstrap, LOOPBACK_ANY_PORT);
        Listeners successor = new Listeners(handOver(old));
        ServerBootstrap again = servers.bootstrap().channelFactory(successor.tcp("http"));

        assertThat(servers.bind(again, first.localAddress()).isOpen()).isTrue();
        assertThat(servers.bind(again, second.localAddress()).isOpen()).isTrue();
        assertThat(servers.bind(again, LOOPBACK_ANY_PORT).localAddress())
                .isNotIn(first.localAddress(), second.localAddress());
        assertThat(successor.all()).extracting(Listener::isInherited).containsExactly(true, true, false);
    }

    @Test
    void optionsAndHandlersOfTheBootstrapAreAppliedToAnAdoptedChannel() throws Exception {
        Channel server = servers.echo(old, "http", LOOPBACK_ANY_PORT, "");
        Listeners successor = new Listeners(handOver(old));
        List<String> events = new ArrayList<>();
        Channel adopted = servers.bind(
                servers.bootstrap()
                        .channelFactory(successor.tcp("http"))
                        .option(ChannelOption.SO_BACKLOG, 77)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .option(ChannelOption.SO_RCVBUF, 65_536)
                        .option(EpollChannelOption.SO_REUSEPORT, true)
                        .option(EpollChannelOption.TCP_DEFER_ACCEPT, 0)
                        .option(EpollChannelOption.IP_FREEBIND, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .handler(new Recorder(events)),
                server.localAddress());
        assertThat(events).containsExactly("registered");
        get(old.stopAll());
        successor.releaseAll();

        try (Client client = Client.tcp(port(adopted))) {
            assertThat(client.echo("hello")).isEqualTo("hello");
        }
        assertThat(adopted.config().getOption(ChannelOption.SO_BACKLOG)).isEqualTo(77);
        assertThat(events).startsWith("registered", "active", "read");
    }

    @Test
    void aServerThatReadsByHandAcceptsOneConnectionForEachRead() throws Exception {
        Channel server = servers.echo(old, "http", LOOPBACK_ANY_PORT, "");
        Listeners successor = new Listeners(handOver(old));
        Channel adopted = servers.bind(
                servers.bootstrap().channelFactory(successor.tcp("http")).option(ChannelOption.AUTO_READ, false),
                server.localAddress());
        successor.releaseAll();
        try (Client client = Client.tcp(port(adopted))) {
            client.send("x");
            get(successor.stopAll());
            adopted.read();
            get(successor.stopAll());
            assertThat(successor.all().get(0).children()).isEmpty();

            successor.resumeAll();

            assertThat(client.receive(1)).isEqualTo("x");
        }
    }

    @Test
    void aChannelThatItsAuthorClosesBeforeReadyIsNamedAndTheOldOneServesOn() throws Exception {
        Channel server = servers.echo(old, "http", LOOPBACK_ANY_PORT, "a");
        old.releaseAll();
        InheritedSockets table = handOver(old);
        Listeners successor = new Listeners(table);
        servers.echo(successor, "http", server.localAddress(), "b").close().sync();

        successor.releaseAll();

        assertThat(successor.all()).isEmpty();
        assertThat(table.closeUnclaimed()).hasSize(1).first().asString().startsWith("http (TCP_LISTENER");
        try (Client client = Client.tcp(port(server))) {
            assertThat(client.receive(1)).isEqualTo("a");
        }
    }

    @Test
    void stopAllWaitsForAConnectionThatIsOnItsWayToItsEventLoop() throws Exception {
        Channel server = servers.echo(old, "http", LOOPBACK_ANY_PORT, "");
        old.releaseAll();
        CountDownLatch hold = new CountDownLatch(1);
        servers.workers.forEach(worker -> worker.execute(() -> awaitUninterruptibly(hold)));
        Listener listener = old.all().get(0);
        try (Client client = Client.tcp(port(server))) {
            while (listener.children().isEmpty()) {
                Thread.onSpinWait();
            }
            CompletableFuture<Void> stopped = old.stopAll().toCompletableFuture();
            server.eventLoop().submit(() -> {}).sync();
            assertThat(stopped).isNotDone();

            hold.countDown();

            get(stopped);
            assertThat(listener.children()).hasSize(1).allMatch(Channel::isRegistered);
            client.echo("x");
        } finally {
            hold.countDown();
        }
    }

    @Test
    void aStoppedListenerStaysStoppedWhateverItsAcceptorDoes() throws Exception {
        Channel server = servers.echo(old, "http", LOOPBACK_ANY_PORT, "a");
        old.releaseAll();
        get(old.stopAll());
        server.config().setAutoRead(false);
        server.config().setAutoRead(true); // as the acceptor does one second after it ran out of descriptors
        server.read();
        try (Client client = Client.tcp(port(server))) {
            get(old.stopAll());
            assertThat(old.all().get(0).children()).isEmpty();

            old.resumeAll();

            assertThat(client.receive(1)).isEqualTo("a");
        }
    }

    @Test
    void onceRetiredNoListenerCanBeMade() throws Exception {
        get(old.retireAll());

        assertThatThrownBy(() -> servers.echo(old, "http", LOOPBACK_ANY_PORT, ""))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("successor");
    }

    @Test
    void anotherTransportsEventLoopLeavesNothingBehind() throws Exception {
        servers.echo(old, "http", LOOPBACK_ANY_PORT, "");
        Listeners successor = new Listeners(handOver(old));
        io.netty.channel.EventLoopGroup nio =
                new io.netty.channel.MultiThreadIoEventLoopGroup(1, io.netty.channel.nio.NioIoHandler.newFactory());
        try {
            ChannelFuture bind = new ServerBootstrap()
                    .group(nio)
                    .channelFactory(successor.tcp("http"))
                    .childHandler(new Servers.Echo(""))
                    .bind(LOOPBACK_ANY_PORT)
                    .await();
            assertThat(bind.cause()).hasMessageContaining("incompatible event loop");
            assertThat(successor.all()).isEmpty();
            get(successor.stopAll());
            get(successor.retireAll());
            get(successor.closeAll());
        } finally {
            nio.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Notes what reaches an author's handler of the server channel. */
    private static final class Recorder extends ChannelInboundHandlerAdapter {
        private final List<String> events;

        Recorder(List<String> events) {
            this.events = events;
        }

        @Override
        public void channelRegistered(ChannelHandlerContext ctx) {
            events.add("registered");
            ctx.fireChannelRegistered();
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            events.add("active");
            ctx.fireChannelActive();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            events.add("read");
            ctx.fireChannelRead(msg);
        }
    }

    /** Clients that connect, are served and close, again and again; any failure fails {@link #stop}. */
    private static final class ClientsThatNeverStop {
        private final ExecutorService threads;
        private final List<Future<?>> running = new ArrayList<>();
        private final AtomicInteger servedByA = new AtomicInteger();
        private final AtomicInteger servedByB = new AtomicInteger();
        private final int port;
        private volatile boolean stopped;

        ClientsThatNeverStop(int port, int count) {
            this.port = port;
            threads = Executors.newFixedThreadPool(count);
            for (int i = 0; i < count; i++) {
                running.add(threads.submit(this::run));
            }
        }

        private Void run() throws Exception {
            while (!stopped) {
                try (Client client = Client.tcp(port)) {
                    String server = client.send("ping").receive(5);
                    (server.equals("aping") ? servedByA : servedByB).incrementAndGet();
                }
            }
            return null;
        }

        int servedBy(String server) {
            return (server.equals("a") ? servedByA : servedByB).get();
        }

        void awaitMore(int count) throws Exception {
            int goal = servedByA.get() + servedByB.get() + count;
            while (servedByA.get() + servedByB.get() < goal) {
                for (Future<?> client : running) {
                    if (client.isDone()) {
                        client.get();
                    }
                }
                Thread.onSpinWait();
            }
        }

        void stop() throws Exception {
            stopped = true;
            for (Future<?> client : running) {
                client.get(20, TimeUnit.SECONDS);
            }
            threads.shutdown();
        }
    }
}
