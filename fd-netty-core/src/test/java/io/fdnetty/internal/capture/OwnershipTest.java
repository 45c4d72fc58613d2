package io.fdnetty.internal.capture;

import static io.fdnetty.internal.capture.Clients.frame;
import static io.fdnetty.internal.capture.Clients.read;
import static io.fdnetty.internal.capture.Clients.readBytes;
import static io.fdnetty.internal.capture.Clients.readToEnd;
import static io.fdnetty.internal.capture.Clients.send;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.arrival.Arrival;
import io.fdnetty.internal.connection.LiveConnections;
import io.fdnetty.internal.connection.MoveLimits;
import io.fdnetty.internal.connection.TrackedConnection;
import io.fdnetty.internal.listener.InheritedSockets;
import io.fdnetty.internal.listener.Listeners;
import io.fdnetty.move.MoveOptions;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who has a connection when a move fails at any point, and what clients do to it meanwhile. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class OwnershipTest {
    @Test
    void aConnectionThatIsTakenBackLivesOnWithAllThatItCarried() throws Exception {
        byte[] frame = frame("hello".getBytes(UTF_8));
        try (MovingServer a = new MovingServer(Pipelines::frames);
                MovingServer b = new MovingServer(Pipelines::frames);
                Socket client = a.connect()) {
            for (int i = 0; i < frame.length; i++) {
                client.getOutputStream().write(frame[i]);
                Captured captured = a.capture(a.only());
                b.adopt(captured.unit()).abandon();
                captured.resume("test");
                Eventually.holds("b has closed its copy", b.connections().open()::isEmpty);
            }
            assertThat(readBytes(client, frame.length)).isEqualTo(frame);
        }
    }

    @Test
    void aHeldConnectionReadsNothingThoughItsClientHasGone() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            Captured captured = a.capture(a.only());
            send(client, "last words");
            client.shutdownOutput();
            Arrival arrival = b.adopt(captured.unit());
            assertThat(arrival.isAdopted()).isTrue();
            Arrival another = b.adopt(captured.unit());
            arrival.abandon();
            another.abandon();
            captured.resume("test");
            assertThat(read(client, 10)).isEqualTo("last words");
        }
    }

    @Test
    void aHeldConnectionWritesNothing() throws Exception {
        List<String> life = new CopyOnWriteArrayList<>();
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(child -> child.pipeline().addLast(new Diary(life), new Echo()));
                Socket client = a.connect()) {
            Captured captured = a.capture(a.only());
            Arrival arrival = b.adopt(captured.unit());
            assertThat(life).containsExactly("added");
            arrival.abandon();
            Eventually.holds("it is gone", () -> life.contains("removed"));
            captured.resume("test");
            assertThat(life).containsExactly("added", "removed");
            send(client, "x");
            assertThat(read(client, 1)).isEqualTo("x");
        }
    }

    @Test
    void aClientThatResetsWhileItsConnectionIsCapturedIsNoticedByWhoeverOwnsIt() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::closing);
                MovingServer b = new MovingServer(Pipelines::closing);
                Socket client = a.connect()) {
            Captured captured = a.capture(a.only());
            Clients.reset(client);
            Arrival arrival = b.adopt(captured.unit());
            if (arrival.isAdopted()) {
                arrival.start();
                captured.release();
            } else {
                captured.resume(arrival.rejection());
            }
            Eventually.holds(
                    "it is gone",
                    () -> a.connections().open().isEmpty()
                            && b.connections().open().isEmpty());
        }
    }

    @Test
    void aClientThatResetsWhileItsConnectionIsHeldIsNoticedAtTheStart() throws Exception {
        List<String> life = new CopyOnWriteArrayList<>();
        try (MovingServer a = new MovingServer(Pipelines::closing);
                MovingServer b = new MovingServer(child -> Pipelines.closing(child, new Diary(life)));
                Socket client = a.connect()) {
            Captured captured = a.capture(a.only());
            Arrival arrival = b.adopt(captured.unit());
            assertThat(arrival.isAdopted()).isTrue();
            Clients.reset(client);
            arrival.start();
            captured.release();
            Eventually.holds("it is gone", () -> life.contains("removed"));
            assertThat(life).contains("active", "inactive");
        }
    }

    @Test
    void aClientThatResetsBeforeItsConnectionComesBackIsNoticed() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::closing);
                Socket client = a.connect()) {
            Captured captured = a.capture(a.only());
            Clients.reset(client);
            captured.resume("test");
            Eventually.holds("it is gone", a.connections().open()::isEmpty);
        }
    }

    @Test
    void clientsThatEndWhileTheyAreStoppedGetTheirAnswers() throws Exception {
        for (int round = 0; round < 30; round++) {
            try (MovingServer a = new MovingServer(Pipelines::raw);
                    MovingServer b = new MovingServer(Pipelines::raw);
                    Socket client = a.connect()) {
                TrackedConnection connection = a.only();
                send(client, "question");
                client.shutdownOutput();
                b.move(a.capture(connection));
                assertThat(read(client, 8)).isEqualTo("question");
            }
        }
    }

    /**
     * Without half-closure Netty closes the channel at the client's FIN; it may come in the very moment of the stop.
     */
    @Test
    void aConnectionThatClosesAsItIsStoppedIsReportedAndItsHandlersHearIt() throws Exception {
        for (int round = 0; round < 30; round++) {
            List<String> life = new CopyOnWriteArrayList<>();
            try (MovingServer a = new MovingServer(child -> {
                        child.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
                        child.pipeline().addLast(new Diary(life), new Echo());
                    });
                    Socket client = a.connect()) {
                TrackedConnection connection = a.only();
                MovingServer.Outcomes outcomes = new MovingServer.Outcomes();
                connection.channel().eventLoop().execute(() -> stopAsTheClientEnds(client, connection, outcomes));
                MovingServer.Outcome outcome = outcomes.take();
                if (outcome.captured() != null) {
                    outcome.captured().resume("test");
                } else {
                    assertThat(outcome.what()).isEqualTo("closed");
                }
                assertThat(new String(readToEnd(client), UTF_8)).isIn("", "bye");
                Eventually.holds("its handlers are gone", () -> life.contains("inactive") && life.contains("removed"));
            }
        }
    }

    @Test
    void aConnectionThatTheTransportClosesWhileItIsStoppedIsReportedAndItsHandlersHearIt() throws Exception {
        List<String> life = new CopyOnWriteArrayList<>();
        try (MovingServer a = new MovingServer(child -> child.pipeline().addLast(new Diary(life), new Echo()));
                Socket client = a.connect()) {
            TrackedConnection connection = a.only();
            Channel channel = connection.channel();
            MovingServer.Outcomes outcomes = new MovingServer.Outcomes();
            channel.eventLoop().execute(() -> {
                Capture.start(connection, outcomes);
                channel.unsafe().close(channel.unsafe().voidPromise());
            });
            assertThat(outcomes.take().what()).isEqualTo("closed");
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            Eventually.holds("its handlers are gone", () -> life.contains("removed"));
            assertThat(life).containsExactly("added", "active", "inactive", "removed");
        }
    }

    private static void stopAsTheClientEnds(Socket client, TrackedConnection connection, CaptureListener listener) {
        try {
            send(client, "bye");
            client.shutdownOutput();
            Capture.start(connection, listener);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aConnectionIsCapturedOnceAtATime() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            Captured captured = a.capture(a.only());
            assertThat(a.tryCapture(a.only()).reason()).isEqualTo("it is being captured already");
            captured.resume("test");
            send(client, "x");
            assertThat(read(client, 1)).isEqualTo("x");
            a.capture(a.only()).resume("test");
        }
    }

    @Test
    void manyConnectionsOfOneLoopAreCapturedTogether() throws Exception {
        List<Socket> clients = new ArrayList<>();
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(Pipelines::raw)) {
            for (int i = 0; i < 40; i++) {
                clients.add(a.connect());
            }
            Eventually.holds("all are open", () -> a.connections().open().size() == 40);
            MovingServer.Outcomes outcomes = new MovingServer.Outcomes();
            Capture.startAll(a.connections().open(), outcomes);
            for (int i = 0; i < 40; i++) {
                Captured captured = outcomes.take().captured();
                b.adopt(captured.unit()).start();
                captured.release();
            }
            for (Socket client : clients) {
                send(client, "x");
                assertThat(read(client, 1)).isEqualTo("x");
            }
            assertThat(loopsOf(b)).isEqualTo(2);
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    private static long loopsOf(MovingServer server) {
        return server.connections().open().stream()
                .map(TrackedConnection::eventLoop)
                .distinct()
                .count();
    }

    @Test
    void aUnitOfAnUnknownKindOrListenerIsRejected() throws Exception {
        try (MovingServer a = new MovingServer(Pipelines::raw);
                Socket client = a.connect()) {
            LiveConnections other =
                    new LiveConnections(new Listeners(new InheritedSockets()), MoveLimits.defaults(), Explainer::log);
            Captured captured = a.capture(a.only());
            assertThat(MovingServer.adopt(other, captured.unit(), 1).rejection())
                    .isEqualTo("connections of the kind test are not known");
            other.movable("test", new Echo(), MoveOptions.asAccepted());
            assertThat(MovingServer.adopt(other, captured.unit(), 1).rejection())
                    .isEqualTo("there is no listener main");
            captured.resume("test");
            send(client, "x");
            assertThat(read(client, 1)).isEqualTo("x");
        }
    }

    /** What is done on kqueue: the channel is registered at the start. */
    @Test
    void whereAChannelCannotBeRegisteredQuietlyItIsRegisteredAtTheStart() throws Exception {
        List<String> life = new CopyOnWriteArrayList<>();
        MovingServer.Pipeline diary = child -> child.pipeline().addLast(new Diary(life), new Echo());
        try (MovingServer a = new MovingServer(Pipelines::raw);
                MovingServer b = new MovingServer(MoveOptions.asAccepted(), MoveLimits.defaults(), diary, false);
                Socket client = a.connect()) {
            Captured captured = a.capture(a.only());
            send(client, "last words");
            client.shutdownOutput();
            b.adopt(captured.unit()).abandon();
            assertThat(life).isEmpty();
            b.move(captured);
            assertThat(read(client, 10)).isEqualTo("last words");
            assertThat(life).startsWith("added", "active", "read");
        }
    }
}
