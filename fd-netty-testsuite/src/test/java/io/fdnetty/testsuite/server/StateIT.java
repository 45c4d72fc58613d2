package io.fdnetty.testsuite.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.examples.process.JavaRuntime;
import io.fdnetty.examples.server.EventLine;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import io.fdnetty.testsuite.server.ForgedIncumbent.Forgery;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** State sections between real processes: of any size in little memory, and never a wrong one. */
class StateIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final long MIB = 1 << 20;
    private static final long BIG = 256 * MIB;
    private static final List<String> LITTLE_MEMORY = List.of(
            "-Xmx64m",
            "-XX:MaxDirectMemorySize=64m",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC");
    private static final String APPLICATION = "state";

    @RegisterExtension
    final Programs programs = new Programs();

    @Test
    @Tag("long")
    void aQuarterOfAGigabyteCrossesInLittleMemory() throws Exception {
        aQuarterOfAGigabyteCrosses(Jdks.current(), Jdks.current());
    }

    @Test
    @Tag("long")
    void aQuarterOfAGigabyteCrossesInLittleMemoryFromOldToNew() throws Exception {
        aQuarterOfAGigabyteCrosses(Jdks.withoutForeignCalls(), Jdks.withForeignCalls());
    }

    private void aQuarterOfAGigabyteCrosses(JavaRuntime from, JavaRuntime to) throws Exception {
        String[] sections = {
            "small:snapshot:required:1000:NONE",
            "big:snapshot:required:" + BIG + ":NONE",
            "empty:snapshot:required:0:NONE",
            "last:final:required:" + 3 * MIB + ":NONE"
        };
        ChildProcess incumbent = server("incumbent", from, APPLICATION, sections);
        try (FrameClient client = FrameClient.tcp(port(incumbent))) {
            client.exchange();
            ChildProcess successor = server("successor", to, APPLICATION, sections);
            successor.await("ready", LIMIT);

            assertThat(incumbent.awaitExit(LIMIT)).isZero();
            assertThat(digests(successor, "loaded")).hasSize(4).isEqualTo(digests(incumbent, "saved"));
            assertThat(digests(successor, "loaded").get(1)).startsWith("big " + BIG + " ");
            client.exchange();
        }
    }

    @Test
    void anUnknownRequiredSectionRefuses() throws Exception {
        String reason = refused(List.of("old:snapshot:required:1000:NONE"), List.of());

        assertThat(reason).contains("\"old\"").contains("does not know it");
    }

    @Test
    @Tag("long")
    void anUnknownRequiredFinalSectionRefusesBeforeItIsSaved() throws Exception {
        String reason = refused(List.of("old:final:required:1000:SAVE_THROWS"), List.of());

        assertThat(reason).contains("\"old\"").contains("does not know it");
    }

    @Test
    @Tag("long")
    void anUnknownOptionalSectionIsSkipped() throws Exception {
        String known = "known:snapshot:required:2000:NONE";
        ChildProcess incumbent = server(
                "incumbent", "old:snapshot:optional:" + 5 * MIB + ":NONE", known, "older:final:optional:100000:NONE");
        incumbent.await("ready", LIMIT);

        ChildProcess successor = server("successor", known);
        successor.await("ready", LIMIT);

        assertThat(incumbent.awaitExit(LIMIT)).isZero();
        assertThat(digests(successor, "loaded")).hasSize(1);
    }

    @Test
    @Tag("long")
    void aSectionThatIsNotReadToItsEndIsStillVerified() throws Exception {
        ChildProcess incumbent = server("incumbent", "big:snapshot:required:" + 5 * MIB + ":NONE");
        incumbent.await("ready", LIMIT);

        ChildProcess successor = server("successor", "big:snapshot:required:0:READS_LITTLE");
        successor.await("ready", LIMIT);

        assertThat(incumbent.awaitExit(LIMIT)).isZero();
    }

    @Test
    void aSectionThatCannotBeLoadedRefuses() throws Exception {
        String reason = refused(
                List.of("rooms:snapshot:required:" + 5 * MIB + ":NONE"),
                List.of("rooms:snapshot:required:0:LOAD_THROWS"));

        assertThat(reason).contains("\"rooms\"").contains("a room without a door");
    }

    @Test
    @Tag("long")
    void aFinalSectionThatCannotBeLoadedRefuses() throws Exception {
        String reason = refused(
                List.of("rooms:final:required:" + 5 * MIB + ":NONE"), List.of("rooms:final:required:0:LOAD_THROWS"));

        assertThat(reason).contains("\"rooms\"").contains("a room without a door");
    }

    @Test
    @Tag("long")
    void aSectionThatCannotBeSavedRefuses() throws Exception {
        String reason = refused(
                List.of("rooms:snapshot:required:" + 5 * MIB + ":SAVE_THROWS"),
                List.of("rooms:snapshot:required:0:NONE"));

        assertThat(reason).contains("\"rooms\"").contains("the disk is on fire");
    }

    @Test
    @Tag("long")
    void aFinalSectionThatCannotBeSavedRefuses() throws Exception {
        String reason = refused(
                List.of("rooms:final:required:" + 5 * MIB + ":SAVE_THROWS"), List.of("rooms:final:required:0:NONE"));

        assertThat(reason).contains("\"rooms\"").contains("the disk is on fire");
    }

    /** The upgrade is refused, both sides say why, and the incumbent serves on. Returns what the successor said. */
    private String refused(List<String> old, List<String> next) throws Exception {
        ChildProcess incumbent = server("incumbent", old.toArray(String[]::new));
        try (FrameClient client = FrameClient.tcp(port(incumbent))) {
            client.exchange();
            ChildProcess successor = server("successor", next.toArray(String[]::new));

            assertThat(successor.awaitExit(LIMIT)).isEqualTo(1);
            assertThat(successor.events("ready")).isEmpty();
            String reason = successor.await("upgrade-failed", LIMIT).line().get("reason");
            assertThat(incumbent.await("upgrade-failed", LIMIT).line().get("reason"))
                    .contains(reason.replaceAll("(?s).*(state section \"[a-z]+\").*", "$1"));
            assertServesOn(incumbent, client);
            return reason;
        }
    }

    private static void assertServesOn(ChildProcess incumbent, FrameClient client)
            throws IOException, InterruptedException {
        client.exchange();
        try (FrameClient late = FrameClient.tcp(port(incumbent))) {
            late.exchange();
        }
        assertThat(incumbent.isAlive()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = Forgery.class,
            names = {
                "FLIPPED_BIT",
                "CHECKSUM",
                "LENGTH",
                "LOST_CHUNK",
                "BROKEN_OFF",
                "CUT_OFF",
                "CUT_OFF_IN_SILENCE",
                "FINAL_CHECKSUM"
            })
    @Tag("long")
    void aCorruptedSectionRefuses(Forgery forgery) throws Exception {
        ChildProcess incumbent = forged(forgery);
        ChildProcess successor = server("successor", section(forgery));

        assertThat(successor.awaitExit(LIMIT)).isEqualTo(1);

        EventLine failed = successor.await("upgrade-failed", LIMIT).line();
        assertThat(failed.get("step")).isEqualTo(forgery == Forgery.FINAL_CHECKSUM ? "AwaitCutover" : "ReceivingState");
        assertThat(failed.get("reason")).contains(because(forgery)).contains("the predecessor serves on");
        assertThat(successor.events("ready")).isEmpty();
        incumbent.await("closed", LIMIT);
        if (forgery != Forgery.CUT_OFF && forgery != Forgery.CUT_OFF_IN_SILENCE) {
            assertThat(incumbent.output()).contains(because(forgery));
        }
    }

    private static String because(Forgery forgery) {
        return switch (forgery) {
            case FLIPPED_BIT, CHECKSUM, FINAL_CHECKSUM -> "checksum";
            case LENGTH, LOST_CHUNK -> "bytes, its end says";
            case BROKEN_OFF -> "OFFER";
            case CUT_OFF -> "TAKEN_BACK";
            case CUT_OFF_IN_SILENCE -> "SILENT";
            default -> throw new AssertionError(forgery);
        };
    }

    @Test
    @Tag("long")
    void theForgerSpeaksTheProtocol() throws Exception {
        ChildProcess incumbent = forged(Forgery.NOTHING);
        ChildProcess successor = server("successor", section(Forgery.NOTHING));

        successor.await("listening", LIMIT);
        incumbent.awaitOutput("Ready", LIMIT);

        assertThat(digests(successor, "loaded")).hasSize(1);
    }

    /** Nobody else could serve: the listeners are here, so it goes on without the section, and says so. */
    @Test
    @Tag("long")
    void aSuccessorWhoseIncumbentDiesInsideASectionServesWithoutIt() throws Exception {
        ChildProcess incumbent = forged(Forgery.DEATH);
        long port = port(incumbent);
        ChildProcess successor = server("successor", section(Forgery.DEATH));

        successor.await("ready", LIMIT);

        assertThat(successor.await("note", LIMIT).line().get("text")).contains(ForgedIncumbent.SECTION);
        assertThat(port(successor)).isEqualTo(port);
        try (FrameClient client = FrameClient.tcp(port)) {
            client.exchange();
            assertThat(incumbent.awaitExit(LIMIT)).isEqualTo(7);

            server("third", section(Forgery.DEATH)).await("ready", LIMIT);
            assertThat(successor.awaitExit(LIMIT)).isZero();
            client.exchange();
        }
    }

    @Test
    void aSecondUpgradeIsRefusedWhileOneIsUnderWay() throws Exception {
        ChildProcess incumbent = server("incumbent");
        try (FrameClient client = FrameClient.tcp(port(incumbent))) {
            ChildProcess first = server("first", StateServer.HOLD);
            first.await("listening", LIMIT);

            ChildProcess second = server("second");
            assertThat(second.awaitExit(LIMIT)).isEqualTo(1);
            EventLine refusal = second.await("upgrade-failed", LIMIT).line();
            assertThat(refusal.get("step")).isEqualTo("hello");
            assertThat(refusal.get("reason")).contains("BUSY").contains("pid " + first.pid());

            first.signal("KILL");
            incumbent.await("upgrade-failed", LIMIT);
            assertServesOn(incumbent, client);
            ChildProcess third = server("third");
            third.await("ready", LIMIT);
            assertThat(incumbent.awaitExit(LIMIT)).isZero();
            client.exchange();
        }
    }

    @Test
    void anApplicationOfAnotherNameIsRefused() throws Exception {
        ChildProcess incumbent = server("incumbent");
        try (FrameClient client = FrameClient.tcp(port(incumbent))) {
            ChildProcess stranger = server("stranger", Jdks.current(), "other");

            assertThat(stranger.awaitExit(LIMIT)).isEqualTo(1);
            EventLine refusal = stranger.await("upgrade-failed", LIMIT).line();
            assertThat(refusal.get("step")).isEqualTo("hello");
            assertThat(refusal.get("reason"))
                    .contains("WRONG_APPLICATION")
                    .contains(APPLICATION)
                    .contains("other");
            assertServesOn(incumbent, client);
        }
    }

    private static String section(Forgery forgery) {
        String kind = forgery == Forgery.FINAL_CHECKSUM ? "final" : "snapshot";
        return ForgedIncumbent.SECTION + ':' + kind + ":required:0:NONE";
    }

    private ChildProcess forged(Forgery forgery) throws InterruptedException {
        String socket = programs.path("s").toString();
        ChildProcess incumbent =
                programs.main("forged incumbent", Jdks.current(), ForgedIncumbent.class, socket, forgery.name());
        incumbent.await("listening", LIMIT);
        return incumbent;
    }

    private ChildProcess server(String name, String... sections) {
        return server(name, Jdks.current(), APPLICATION, sections);
    }

    private ChildProcess server(String name, JavaRuntime runtime, String application, String... sections) {
        List<String> arguments = new ArrayList<>(List.of(programs.path("s").toString(), application));
        arguments.addAll(List.of(sections));
        return programs.main(name, runtime, LITTLE_MEMORY, StateServer.class, arguments.toArray(String[]::new));
    }

    /** Name, length and digest of each section, in order. */
    private static List<String> digests(ChildProcess server, String event) {
        return server.events(event).stream()
                .map(each -> each.line().get("section")
                        + ' '
                        + each.line().get("bytes")
                        + ' '
                        + each.line().get("sha256"))
                .toList();
    }

    private static long port(ChildProcess server) throws InterruptedException {
        return server.await("listening", LIMIT).line().number("port");
    }
}
