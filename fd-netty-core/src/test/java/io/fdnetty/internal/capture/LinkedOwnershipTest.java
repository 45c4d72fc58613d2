package io.fdnetty.internal.capture;

import static io.fdnetty.internal.capture.Clients.read;
import static io.fdnetty.internal.capture.Clients.send;
import static io.fdnetty.internal.capture.LinkedMoveTest.talk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.LinkedConnections;
import io.fdnetty.fd.Descriptor;
import io.fdnetty.internal.arrival.Arrival;
import io.fdnetty.internal.arrival.UnitArrival;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.protocol.ConnectionPart;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.move.MovableHandler;
import io.fdnetty.move.MoveDecision;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.resolver.InetSocketAddressResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Linked connections that stay, come back or are refused: always all of them. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class LinkedOwnershipTest {
    private ServerSocket listener;

    @BeforeEach
    void listen() throws IOException {
        listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        listener.setSoTimeout(10_000);
    }

    @AfterEach
    void stop() throws IOException {
        listener.close();
    }

    private MovingRelay relay() throws Exception {
        return relay(new MovingRelay.Make());
    }

    private MovingRelay relay(MovingRelay.Make make) throws Exception {
        return new MovingRelay(make, listener.getLocalSocketAddress());
    }

    private Socket accept() throws IOException {
        Socket backend = listener.accept();
        backend.setSoTimeout(10_000);
        return backend;
    }

    @Test
    void aGroupThatIsTakenBackLivesOnLinked() throws Exception {
        try (MovingRelay a = relay();
                MovingRelay b = relay();
                Socket client = a.connect();
                Socket backend = accept()) {
            talk(client, backend, "before");
            for (int i = 0; i < 5; i++) {
                Captured captured = a.capture();
                send(client, "up");
                send(backend, "down");
                b.adopt(captured).abandon();
                captured.resume("test");
                assertThat(read(backend, 2)).isEqualTo("up");
                assertThat(read(client, 4)).isEqualTo("down");
                assertThat(LinkedConnections.linkedTo(a.back()))
                        .containsExactly(a.only(1).channel());
            }
            b.move(a.capture());
            talk(client, backend, "after");
        }
    }

    @Test
    void aMemberThatCannotMoveKeepsTheWholeGroup() throws Exception {
        MovingRelay.Make make = new MovingRelay.Make();
        make.back = channel -> channel.pipeline().addLast(new Passing());
        try (MovingRelay a = relay(make);
                Socket client = a.connect();
                Socket backend = accept()) {
            talk(client, backend, "before");
            MovingServer.Outcome outcome = MovingRelay.outcomes(a.only(1)).take();
            assertThat(outcome.what()).isEqualTo("notNow");
            assertThat(outcome.reason())
                    .startsWith("its linked backend connection: ")
                    .contains("Passing.seen has changed since it was added");
            talk(client, backend, "after");
        }
    }

    private static final class Passing extends ByteToMessageDecoder {
        @SuppressWarnings("UnusedVariable") // the comparison reads it
        private int seen;

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            seen += in.readableBytes();
            out.add(in.readRetainedSlice(in.readableBytes()));
        }
    }

    @Test
    void aMemberThatSaysNotNowIsAskedAgainAndAllMoveThen() throws Exception {
        CompletableFuture<Void> ready = new CompletableFuture<>();
        MovingRelay.Make make = new MovingRelay.Make();
        make.back = channel -> channel.pipeline().addLast(new NotNow(ready));
        try (MovingRelay a = relay(make);
                MovingRelay b = relay();
                Socket client = a.connect();
                Socket backend = accept()) {
            talk(client, backend, "before");
            MovingServer.Outcomes outcomes = MovingRelay.outcomes(a.only(1));
            assertThat(outcomes.take().reason())
                    .startsWith("its linked backend connection: ")
                    .endsWith("NotNow says not now");
            talk(client, backend, "still here");
            ready.complete(null);
            b.move(outcomes.take().captured());
            talk(client, backend, "after");
        }
    }

    @Test
    void aGroupWhoseReluctantMemberLeavesMovesWithoutIt() throws Exception {
        MovingRelay.Make make = new MovingRelay.Make();
        make.back = channel -> channel.pipeline().addLast(new NotNow(new CompletableFuture<>()));
        try (MovingRelay a = relay(make);
                Socket client = a.connect();
                Socket backend = accept()) {
            talk(client, backend, "before");
            MovingServer.Outcomes outcomes = MovingRelay.outcomes(a.only(1));
            assertThat(outcomes.take().what()).isEqualTo("notNow");
            Channel back = a.back();
            back.eventLoop().submit(() -> LinkedConnections.unlink(back)).sync();
            Captured captured = outcomes.take().captured();
            assertThat(captured.unit().parts()).hasSize(1);
            captured.resume("test");
            Eventually.holds("two alone", () -> a.connections.open().size() == 2);
        }
    }

    private static final class NotNow extends ChannelInboundHandlerAdapter implements MovableHandler {
        private final CompletableFuture<Void> ready;

        NotNow(CompletableFuture<Void> ready) {
            this.ready = ready;
        }

        @Override
        public MoveDecision mayMove(ChannelHandlerContext ctx, Runnable retry) {
            ready.thenRun(retry);
            return ready.isDone() ? MoveDecision.yes() : MoveDecision.notNow("");
        }
    }

    @Test
    void aGroupWaitsForAMemberThatIsStillConnecting() throws Exception {
        CompletableFuture<Promise<InetAddress>> resolution = new CompletableFuture<>();
        MovingRelay.Make make = new MovingRelay.Make();
        make.bootstrap = bootstrap -> slowlyResolving(bootstrap, resolution);
        InetSocketAddress named = InetSocketAddress.createUnresolved("backend", listener.getLocalPort());
        try (MovingRelay a = new MovingRelay(make, named);
                MovingRelay b = relay();
                Socket client = a.connect()) {
            Promise<InetAddress> resolved = resolution.get();
            MovingServer.Outcomes outcomes = MovingRelay.outcomes(a.only(0));
            assertThat(outcomes.take().reason()).isEqualTo("its linked backend connection: it is still connecting");
            resolved.setSuccess(InetAddress.getLoopbackAddress());
            try (Socket backend = accept()) {
                MovingServer.Outcome next = outcomes.take();
                while (next.captured() == null) {
                    assertThat(next.what()).isEqualTo("notNow");
                    next = outcomes.take();
                }
                b.move(next.captured());
                talk(client, backend, "after");
            }
        }
    }

    private static Bootstrap slowlyResolving(Bootstrap bootstrap, CompletableFuture<Promise<InetAddress>> resolution) {
        return bootstrap.resolver(new AddressResolverGroup<InetSocketAddress>() {
            @Override
            protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
                return new InetSocketAddressResolver(executor, new InetNameResolver(executor) {
                    @Override
                    protected void doResolve(String name, Promise<InetAddress> promise) {
                        resolution.complete(promise);
                    }

                    @Override
                    protected void doResolveAll(String name, Promise<List<InetAddress>> promise) {
                        promise.setFailure(new UnsupportedOperationException());
                    }
                });
            }
        });
    }

    @Test
    void aBackendThatResetsOnTheWayMakesTheWholeUnitRejectedAndTheClientIsServedToItsEnd() throws Exception {
        try (MovingRelay a = relay();
                MovingRelay b = relay();
                Socket client = a.connect();
                Socket backend = accept()) {
            talk(client, backend, "before");
            Captured captured = a.capture();
            Clients.reset(backend);
            Arrival arrival = b.adopt(captured);
            assertThat(arrival.isAdopted()).isFalse();
            assertThat(arrival.rejection()).contains("died on the way");
            assertThat(b.isEmpty()).isTrue();
            captured.resume(arrival.rejection());
            assertThat(Clients.readToEnd(client)).isEmpty();
            Clients.hangUp(client);
            Eventually.holds("a has closed both", a::isEmpty);
        }
    }

    @Test
    void aMemberThatIsAskedToMoveMovesWithItsLeader() throws Exception {
        try (MovingRelay a = relay();
                Socket client = a.connect();
                Socket backend = accept()) {
            talk(client, backend, "before");
            TrackedConnection back = a.connections.opened().iterator().next();
            assertThat(a.connections.open()).doesNotContain(back);
            MovingServer.Outcome outcome = MovingRelay.outcomes(back).take();
            assertThat(outcome.what()).isEqualTo("movesWith");
            assertThat(outcome.reason()).isEqualTo("connection " + a.only(1).id());
        }
    }

    @Test
    void aConnectionThatIsLinkedWhileItsCaptureWaitsMovesWithItsLeader() throws Exception {
        CompletableFuture<Void> ready = new CompletableFuture<>();
        MovingRelay.Make make = new MovingRelay.Make();
        make.back = channel -> channel.pipeline().addLast(new NotNow(ready));
        try (MovingRelay a = relay(make);
                MovingRelay b = relay();
                Socket client = a.connect();
                Socket backend = accept()) {
            talk(client, backend, "before");
            TrackedConnection front = a.only(1);
            Channel back = a.back();
            back.eventLoop().submit(() -> LinkedConnections.unlink(back)).sync();
            MovingServer.Outcomes lone =
                    MovingRelay.outcomes(a.connections.opened().iterator().next());
            assertThat(lone.take().what()).isEqualTo("notNow");
            back.eventLoop()
                    .submit(() -> LinkedConnections.link(front.channel(), back))
                    .sync();
            assertThat(lone.take().what()).isEqualTo("movesWith");
            ready.complete(null);
            b.move(a.capture());
            talk(client, backend, "after");
            assertThat(lone.isEmpty()).isTrue();
        }
    }

    @Test
    void aConnectionThatTheServerOpenedMovesByItself() throws Exception {
        try (MovingRelay a = relay();
                MovingRelay b = relay()) {
            List<String> life = Collections.synchronizedList(new ArrayList<>());
            Bootstrap pool = pool(a, new ArrayList<>());
            pool(b, life);
            Channel pooled =
                    pool.connect(listener.getLocalSocketAddress()).sync().channel();
            try (Socket backend = accept()) {
                send(backend, "before");
                assertThat(read(backend, 6)).isEqualTo("before");
                TrackedConnection lone = a.connections.open().iterator().next();
                assertThat(lone.channel()).isSameAs(pooled);
                Captured captured = MovingRelay.capture(lone);
                send(backend, "meanwhile");
                b.move(captured);
                assertThat(read(backend, 9)).isEqualTo("meanwhile");
                TrackedConnection arrived = b.connections.opened().iterator().next();
                assertThat(arrived.channel().parent()).isNull();
                assertThat(life).startsWith("added", "active", "read");
                Eventually.holds("a has forgotten it", a::isEmpty);
            }
        }
    }

    private static Bootstrap pool(MovingRelay relay, List<String> life) {
        return relay.backends
                .clone(relay.group)
                .handler(relay.connections.outbound(
                        "pooled",
                        relay.group,
                        new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                channel.pipeline().addLast(new Diary(life), new Echo());
                            }
                        },
                        MoveOptions.asAccepted().oneWay()));
    }

    @Test
    void unitsOfAnotherMakeAreRejectedAndLeaveNothing() throws Exception {
        try (MovingRelay a = relay();
                MovingRelay b = relay();
                Socket client = a.connect();
                Socket backend = accept()) {
            talk(client, backend, "before");
            Captured captured = a.capture();
            ConnectionPart front = captured.unit().parts().get(0);
            ConnectionPart back = captured.unit().parts().get(1);
            assertThat(rejection(b, "front", part(front, "accepted", "main"), part(back, "spare", "")))
                    .isEqualTo("connections of the kind spare are not known");
            assertThat(rejection(b, "front", part(front, "accepted", "main"), part(front, "front", "")))
                    .isEqualTo("connections of the kind front are not linked to others");
            assertThat(rejection(b, "front", part(front, "accepted", "main"), part(back, "backend", "main")))
                    .isEqualTo("listener main does not accept connections that the server opens");
            assertThat(rejection(b, "front", part(back, "backend", ""), part(front, "accepted", "main")))
                    .isEqualTo("its first socket has the role backend (expected: accepted)");
            assertThat(rejection(b, "backend", part(back, "opened", ""), part(back, "backend", "")))
                    .isEqualTo("connections of the kind backend have no others linked to them");
            assertThat(rejection(b, "front", part(front, "accepted", "main"), listening()))
                    .endsWith("is a TCP_LISTENER, which is no connection");
            assertThat(b.isEmpty()).isTrue();
            captured.resume("test");
            talk(client, backend, "after");
        }
    }

    private static ConnectionPart part(ConnectionPart part, String role, String listener) throws IOException {
        return MovingServer.copy(part, role, listener);
    }

    private static ConnectionPart listening() throws IOException {
        EpollServerSocketChannel socket = new EpollServerSocketChannel();
        Descriptor descriptor = Descriptor.borrow(socket.fd(), "listener");
        ((io.netty.channel.unix.Socket) socket.fd()).listen(1);
        ConnectionPart borrowed = new ConnectionPart(
                "backend", "", descriptor, 0, Unpooled.EMPTY_BUFFER, Unpooled.EMPTY_BUFFER, List.of());
        try {
            return MovingServer.copy(borrowed, "backend", "");
        } finally {
            socket.unsafe().closeForcibly();
        }
    }

    private static String rejection(MovingRelay to, String kind, ConnectionPart... parts) throws Exception {
        CompletableFuture<Arrival> arrival = new CompletableFuture<>();
        UnitArrival.adopt(to.connections, new ConnectionUnit(1, kind, 1, 0, List.of(parts)), arrival::complete);
        return arrival.get().rejection();
    }

    @Test
    void linksThatCannotBeAreRefused() throws Exception {
        try (MovingRelay a = relay();
                Socket client = a.connect();
                Socket backend = accept();
                Socket second = a.connect();
                Socket another = accept()) {
            talk(client, backend, "one");
            talk(second, another, "two");
            Channel front = a.connections.open().iterator().next().channel();
            Channel back = LinkedConnections.linkedTo(front).get(0);
            assertThatThrownBy(() -> LinkedConnections.link(back, front)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> LinkedConnections.link(front, front)).hasMessageContaining("outbound kind");
            assertThatThrownBy(() -> LinkedConnections.link(front, back)).hasMessageContaining("event loop");
            assertThat(LinkedConnections.linkedTo(back)).containsExactly(front);
        }
    }
}
