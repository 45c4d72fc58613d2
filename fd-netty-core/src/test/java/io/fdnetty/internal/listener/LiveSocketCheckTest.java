package io.fdnetty.internal.listener;

import static io.fdnetty.internal.listener.Servers.LOOPBACK_ANY_PORT;
import static io.fdnetty.internal.listener.Servers.cold;
import static io.fdnetty.internal.listener.Servers.copy;
import static io.fdnetty.internal.listener.Servers.get;
import static io.fdnetty.internal.listener.Servers.port;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.testing.DescriptorLeaks;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class LiveSocketCheckTest {
    private final Servers servers = new Servers();
    private final Listeners old = cold();
    private final Listeners successor = cold();

    @AfterEach
    void close() {
        servers.close();
    }

    @Test
    void anArrivedConnectionIsServedAsIfItHadBeenAccepted() throws Exception {
        Channel server = servers.echo(old, "http", LOOPBACK_ANY_PORT, "a");
        Channel next = servers.echo(successor, "http", LOOPBACK_ANY_PORT, "b");
        old.releaseAll();
        try (Client client = Client.tcp(port(server))) {
            assertThat(client.receive(1)).isEqualTo("a");
            Channel before = child(old);
            Listener listener = successor.all().get(0);

            Channel child = listener.newChild(moveOut(before));
            assertThat(child.parent()).isSameAs(next);
            assertThat(child.remoteAddress()).isEqualTo(before.remoteAddress());
            assertThat(child.localAddress()).isEqualTo(before.localAddress());
            listener.deliver(child).sync();

            assertThat(client.receive(1)).isEqualTo("b");
            assertThat(client.echo("hello")).isEqualTo("hello");
            assertThat(listener.children()).containsExactly(child);
        }
    }

    @Test
    void aUnixConnectionArrivesToo(@TempDir Path directory) throws Exception {
        Channel server = unix(old, directory.resolve("a"), "a");
        Channel next = unix(successor, directory.resolve("b"), "b");
        old.releaseAll();
        try (Client client = Client.unix(directory.resolve("a"))) {
            assertThat(client.receive(1)).isEqualTo("a");
            Listener listener = successor.all().get(0);

            Channel child = listener.newChild(moveOut(child(old)));
            listener.deliver(child).sync();

            assertThat(child.parent()).isSameAs(next).isInstanceOf(ServerChannel.class);
            assertThat(child.localAddress()).isEqualTo(server.localAddress());
            assertThat(client.receive(1)).isEqualTo("b");
            assertThat(client.echo("hello")).isEqualTo("hello");
        }
    }

    @Test
    void aConnectionThatItsClientResetOnTheWayIsRefused() throws Exception {
        Channel server = servers.echo(old, "http", LOOPBACK_ANY_PORT, "a");
        old.releaseAll();
        Client client = Client.tcp(port(server));
        client.receive(1);
        Descriptor moved = moveOut(child(old));
        client.reset();
        servers.echo(successor, "http", LOOPBACK_ANY_PORT, "b");

        assertThatThrownBy(() -> successor.all().get(0).newChild(moved))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("died on the way");
        assertThat(moved.isOpen()).isFalse();
    }

    @Test
    void aResetIsNoticedAlsoIfSomebodyHasAskedForTheErrorBefore() throws Exception {
        Channel server = servers.echo(old, "http", LOOPBACK_ANY_PORT, "a");
        old.releaseAll();
        Client client = Client.tcp(port(server));
        client.receive(1);
        Descriptor moved = moveOut(child(old));
        client.reset();
        assertThat(new io.netty.channel.unix.Socket(moved.peek().intValue()).getSoError())
                .isNotZero();
        servers.echo(successor, "http", LOOPBACK_ANY_PORT, "b");

        assertThatThrownBy(() -> successor.all().get(0).newChild(moved)).hasMessageContaining("not connected any more");
    }

    @Test
    void aConnectionWhoseClientHasOnlyFinishedIsAlive() throws Exception {
        Channel server = servers.echo(old, "http", LOOPBACK_ANY_PORT, "a");
        servers.echo(successor, "http", LOOPBACK_ANY_PORT, "");
        old.releaseAll();
        try (Client client = Client.tcp(port(server))) {
            client.receive(1);
            Descriptor moved = moveOut(child(old));
            client.send("last");
            client.channel.shutdownOutput();
            Listener listener = successor.all().get(0);

            listener.deliver(listener.newChild(moved)).sync();

            assertThat(client.receive(4)).isEqualTo("last");
        }
    }

    @Test
    void whatIsNoConnectionOfItsKindIsRefusedAndClosed() throws Exception {
        servers.echo(old, "http", LOOPBACK_ANY_PORT, "");
        Listener listener = old.all().get(0);
        FileDescriptor[] pipe = FileDescriptor.pipe();
        Descriptor end = Descriptor.adopt(pipe[0], "pipe");

        assertThatThrownBy(() -> listener.newChild(end)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> listener.newChild(copy(listener)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("TCP_LISTENER");
        assertThat(end.isOpen()).isFalse();
        pipe[1].close();
    }

    @Test
    void nothingIsDeliveredToAClosedListener() throws Exception {
        Channel server = servers.echo(old, "http", LOOPBACK_ANY_PORT, "a");
        old.releaseAll();
        try (Client client = Client.tcp(port(server))) {
            client.receive(1);
            Channel next = servers.echo(successor, "http", LOOPBACK_ANY_PORT, "b");
            Listener listener = successor.all().get(0);
            Channel child = listener.newChild(moveOut(child(old)));
            next.close().sync();
            next.deregister().sync();

            assertThatThrownBy(() -> listener.deliver(child).sync()).isInstanceOf(ClosedChannelException.class);

            child.unsafe().closeForcibly();
        }
    }

    /** Three event loops, so that a child comes back on another one than it left. */
    @RepeatedTest(30)
    void aChildThatWasDeregisteredComesBackThroughTheAcceptor() throws Exception {
        BlockingQueue<String> events = new LinkedBlockingQueue<>();
        Channel server = servers.bind(
                servers.bootstrap().channelFactory(old.tcp("http")).childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel ch) {
                        ch.pipeline().addLast(new Recorder(events), new Servers.Echo(""));
                    }
                }),
                LOOPBACK_ANY_PORT);
        old.releaseAll();
        try (Client client = Client.tcp(port(server))) {
            client.echo("x");
            assertThat(drain(events)).containsExactly("added", "registered", "active", "read");
            Channel child = child(old);
            strip(child);
            drain(events);
            client.send("hello");

            Set<EventLoop> loops = new HashSet<>();
            loops.add(child.eventLoop());
            old.all().get(0).deliver(child).sync();
            child.eventLoop().submit(() -> child.config().setAutoRead(true)).sync();
            loops.add(child.eventLoop());

            assertThat(client.receive(5)).isEqualTo("hello");
            assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("added");
            assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("registered");
            assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("read");
            assertThat(loops).hasSize(2);
            assertThat(old.all().get(0).children()).containsExactly(child);
        }
    }

    @Test
    void aChildThatIsStillRegisteredIsNotDelivered() throws Exception {
        Channel server = servers.echo(old, "http", LOOPBACK_ANY_PORT, "a");
        old.releaseAll();
        try (Client client = Client.tcp(port(server))) {
            client.receive(1);
            assertThatThrownBy(() -> old.all().get(0).deliver(child(old)).sync())
                    .isInstanceOf(IllegalStateException.class);
            client.echo("x");
        }
    }

    @Test
    void aStoppedListenerTakesItsChildrenBack() throws Exception {
        Channel server = servers.echo(old, "http", LOOPBACK_ANY_PORT, "a");
        old.releaseAll();
        try (Client client = Client.tcp(port(server))) {
            client.receive(1);
            get(old.stopAll());
            Channel child = child(old);
            strip(child);

            old.all().get(0).deliver(child).sync();
            child.eventLoop().submit(() -> child.config().setAutoRead(true)).sync();

            assertThat(client.echo("x")).isEqualTo("x");
        }
    }

    private static Queue<String> drain(BlockingQueue<String> events) {
        Queue<String> drained = new ArrayDeque<>();
        events.drainTo(drained);
        return drained;
    }

    private Channel unix(Listeners listeners, Path path, String prefix) throws InterruptedException {
        return servers.bind(
                servers.bootstrap().channelFactory(listeners.unix("s")).childHandler(new Servers.Echo(prefix)),
                new DomainSocketAddress(path.toString()));
    }

    private static Channel child(Listeners listeners) {
        return listeners.all().get(0).children().iterator().next();
    }

    /** What a roll-back starts from: the channel with nothing left in its pipeline, off its loop. */
    private static void strip(Channel child) throws Exception {
        child.eventLoop()
                .submit(() -> {
                    child.config().setAutoRead(false);
                    child.pipeline().toMap().values().forEach(child.pipeline()::remove);
                })
                .sync();
        child.deregister().sync();
    }

    /** The connection as the successor gets it; the old copy is closed, silently. */
    private static Descriptor moveOut(Channel child) throws Exception {
        strip(child);
        Descriptor moved = copy(((UnixChannel) child).fd(), "connection");
        child.eventLoop()
                .submit(() -> child.unsafe().close(child.unsafe().voidPromise()))
                .sync();
        return moved;
    }

    private static final class Recorder extends ChannelInboundHandlerAdapter {
        private final BlockingQueue<String> events;

        Recorder(BlockingQueue<String> events) {
            this.events = events;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            events.add(ctx.channel().eventLoop().inEventLoop() ? "added" : "added off its loop");
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
}
