package io.fdnetty.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.UpgradeException;
import io.fdnetty.UpgradeReport;
import io.fdnetty.channel.AncillaryServerSocketChannel;
import io.fdnetty.channel.AncillarySocketChannel;
import io.fdnetty.channel.Lifeline;
import io.fdnetty.fd.Descriptor;
import io.fdnetty.testing.Background;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * Plays one side of a capture to the real other side, over a real socket with real descriptors, and compares its
 * answers frame by frame.
 *
 * <p>What is not compared: the masked fields of {@link Layout}; into how many frames the incumbent cuts its units,
 * which depends on how fast they are acknowledged, and their order.
 */
final class Replay implements AutoCloseable {
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Capture capture;
    private final WireScenario scenario;
    private final Path path;
    private final WireClients clients = new WireClients();
    private final List<Descriptor> received = new ArrayList<>();
    private final Lifeline.Pair lifeline = Lifeline.open();

    Replay(Capture capture, WireScenario scenario, Path path) throws IOException {
        this.capture = capture;
        this.scenario = scenario;
        this.path = path;
    }

    private static boolean is(CapturedFrame frame, String name) {
        return frame.type() == Layout.number(name);
    }

    private void assertNext(WirePeer peer, CapturedFrame expected) throws InterruptedException {
        WirePeer.Arrived next = peer.next();
        received.addAll(next.descriptors());
        assertThat(next.frame()).as("instead of " + expected.summary()).isNotNull();
        assertThat(next.frame().compared()).isEqualTo(expected.compared());
    }

    private void assertEnd(WirePeer peer) throws InterruptedException {
        WirePeer.Arrived next = peer.next();
        received.addAll(next.descriptors());
        assertThat(next.frame()).as("the end").isNull();
    }

    // ---- the incumbent of the capture, to a real successor

    void toSuccessor() throws Exception {
        CompletableFuture<WirePeer> accepted = new CompletableFuture<>();
        Channel control = new ServerBootstrap()
                .group(loop)
                .channel(AncillaryServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        WirePeer peer = new WirePeer(false);
                        channel.pipeline().addLast(peer);
                        accepted.complete(peer);
                    }
                })
                .bind(new DomainSocketAddress(path.toFile()))
                .sync()
                .channel();
        CompletableFuture<WireServer> successor = Background.supply(this::startSuccessor);
        try {
            play(accepted.get(20, TimeUnit.SECONDS), control);
            assertOutcome(successor);
        } finally {
            lifeline.holder().close();
            control.close().syncUninterruptibly();
            accepted.thenAccept(peer -> peer.channel().close().syncUninterruptibly());
            successor
                    .thenAccept(WireServer::close)
                    .exceptionally(failed -> null)
                    .get(20, TimeUnit.SECONDS);
        }
    }

    private WireServer startSuccessor() {
        try {
            return WireServer.start(path, scenario, true);
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    private void play(WirePeer successor, Channel control) throws Exception {
        for (CapturedFrame frame : capture.frames()) {
            if (frame.incumbent()) {
                successor.send(frame, descriptors(frame, control));
            } else {
                assertNext(successor, frame);
            }
        }
        if (!scenario.succeeds) {
            lifeline.holder().takeBack();
        }
        successor.end();
    }

    private void assertOutcome(CompletableFuture<WireServer> successor) throws Exception {
        if (scenario.succeeds) {
            assertThat(successor.get(20, TimeUnit.SECONDS).upgrader.tookOver()).isTrue();
            clients.assertGoOn(false);
        } else {
            assertThat(successor.handle((server, failed) -> failed).get(20, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(UpgradeException.class);
        }
    }

    private List<Descriptor> descriptors(CapturedFrame frame, Channel control) throws IOException {
        List<Integer> numbers = is(frame, "CONNECTIONS") ? Layout.numbers(frame.payload()) : List.of();
        List<Descriptor> all = new ArrayList<>();
        for (int i = 0; i < frame.descriptors().size(); i++) {
            String kind = frame.descriptors().get(i);
            all.add(
                    switch (kind) {
                        case "PIPE" -> lifeline.readEnd().named("life-line");
                        case "TCP_LISTENER" -> Descriptor.adopt(tcpListener(), "tcp");
                        case "UDP" -> udp();
                        case "UNIX_LISTENER" -> Descriptor.borrow(((UnixChannel) control).fd(), "control");
                        case "TCP_CONNECTION" -> connection(numbers.get(i));
                        default -> throw new AssertionError(kind);
                    });
        }
        return all;
    }

    private static Socket tcpListener() throws IOException {
        Socket listener = Socket.newSocketStream();
        listener.bind(ANY);
        listener.listen(8);
        return listener;
    }

    private static Descriptor udp() throws IOException {
        Socket socket = Socket.newSocketDgram();
        socket.bind(ANY);
        return Descriptor.adopt(socket, "udp");
    }

    private Descriptor connection(int number) throws IOException {
        Socket listener = tcpListener();
        try {
            java.net.Socket client = new java.net.Socket(
                    InetAddress.getLoopbackAddress(), listener.localAddress().getPort());
            clients.add(number, client);
            if (number == WireClients.HALF_CLOSED) {
                client.shutdownOutput();
            }
            return Descriptor.adopt(new Socket(listener.accept(new byte[26])), "client " + number);
        } finally {
            listener.close();
        }
    }

    // ---- the successor of the capture, to a real incumbent

    void toIncumbent() throws Exception {
        try (WireServer incumbent = WireServer.start(path, scenario, false);
                WireClients live = WireClients.of(incumbent)) {
            WirePeer peer = new WirePeer(true);
            Channel connected = new Bootstrap()
                    .group(loop)
                    .channel(AncillarySocketChannel.class)
                    .handler(peer)
                    .connect(new DomainSocketAddress(path.toFile()))
                    .sync()
                    .channel();
            try {
                playSuccessor(peer);
                if (scenario.succeeds) {
                    live.close(WireClients.UNWELCOME);
                    UpgradeReport report = incumbent
                            .upgrader
                            .handedOver()
                            .toCompletableFuture()
                            .get(20, TimeUnit.SECONDS);
                    assertThat(report.moved()).isEqualTo(scenario.moved());
                }
                assertEnd(peer);
                if (!scenario.succeeds) {
                    live.assertGoOn(true);
                }
            } finally {
                connected.close().syncUninterruptibly();
            }
        }
    }

    private void playSuccessor(WirePeer incumbent) throws Exception {
        Set<String> settled = Set.of("CONNECTIONS", "ADOPTED", "REJECTED");
        boolean exchanged = false;
        for (CapturedFrame frame : capture.frames()) {
            if (settled.contains(Layout.name(frame.type()))) {
                if (!exchanged) {
                    exchangeUnits(incumbent);
                }
                exchanged = true;
            } else if (frame.incumbent()) {
                assertNext(incumbent, frame);
            } else {
                incumbent.send(frame, List.of());
            }
        }
        if (scenario == WireScenario.KILLED) {
            incumbent.end();
        }
    }

    /** Every captured unit comes, in any order, and is answered as it was. */
    private void exchangeUnits(WirePeer incumbent) throws Exception {
        Map<String, Long> due = new HashMap<>();
        capture.of(true).stream()
                .filter(frame -> is(frame, "CONNECTIONS"))
                .forEach(frame -> due.putAll(Layout.units(frame.payload())));
        Set<String> open = new HashSet<>(due.keySet());
        do {
            WirePeer.Arrived next = incumbent.next();
            received.addAll(next.descriptors());
            CapturedFrame frame = next.frame();
            assertThat(frame).as("instead of " + open).isNotNull();
            assertThat(frame.compared()).startsWith("CONNECTIONS flags=0 +[TCP_CONNECTION");
            Map<String, Long> units = Layout.units(frame.payload());
            assertThat(units).hasSameSizeAs(frame.descriptors());
            if (scenario == WireScenario.KILLED) {
                return;
            }
            assertThat(open).containsAll(units.keySet());
            units.forEach((unit, id) -> answer(incumbent, due.get(unit), id));
            open.removeAll(units.keySet());
        } while (!open.isEmpty());
    }

    private void answer(WirePeer incumbent, long capturedId, long id) {
        for (CapturedFrame frame : capture.of(false)) {
            ByteBuffer payload = ByteBuffer.wrap(frame.payload().clone());
            if (is(frame, "REJECTED") && payload.getLong(0) == capturedId) {
                payload.putLong(0, id);
                incumbent.send(
                        new CapturedFrame(false, frame.type(), frame.flags(), payload.array(), List.of()), List.of());
            } else if (is(frame, "ADOPTED") && contains(payload, capturedId)) {
                byte[] one = ByteBuffer.allocate(12).putInt(1).putLong(id).array();
                incumbent.send(new CapturedFrame(false, frame.type(), frame.flags(), one, List.of()), List.of());
            }
        }
    }

    private static boolean contains(ByteBuffer adopted, long id) {
        for (int i = 0; i < adopted.getInt(0); i++) {
            if (adopted.getLong(4 + 8 * i) == id) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        received.forEach(Descriptor::close);
        lifeline.readEnd().close();
        lifeline.holder().close();
        clients.close();
        loop.shutdownGracefully(20, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }
}
