package io.fdnetty.testsuite.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.process.Length;
import io.fdnetty.testsuite.process.Programs;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Everybody talks at once, and the server is upgraded in the middle of it. */
@Tag("long")
@Timeout(300)
class TalkIT {
    private static final int TALKERS = 200;
    private static final int ROOMS = 10;
    private static final int SENTENCES_AHEAD = 1;
    private static final int UPGRADES = Length.of(2, 3);
    private static final int MESSAGES = Length.of(4, 10);
    private static final long GONE_MILLIS = 1_000;

    @RegisterExtension
    final Programs programs = Programs.underLoad();

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<ChatClient> talkers = new ArrayList<>();
    private final List<Minutes> minutes =
            Stream.generate(Minutes::new).limit(ROOMS).toList();
    private final List<Long> goneMillis = new ArrayList<>();

    @Test
    void everyMessageIsHeardExactlyOnceByEveryMember() throws Exception {
        ChildProcess server = ChatIT.chat(programs);
        try {
            join(ChatIT.port(server));
            talkers.forEach(talker -> talker.talk(SENTENCES_AHEAD));
            for (int upgrade = 1; upgrade <= UPGRADES; upgrade++) {
                awaitMoreTalk();
                server = upgrade(server);
            }
            awaitMoreTalk();
            talkers.forEach(ChatClient::beSilent);
            assertExact();
            assertThat(goneMillis).as("ms until each old process was gone").allMatch(millis -> millis < GONE_MILLIS);
        } finally {
            talkers.forEach(ChatClient::close);
        }
    }

    private void join(long port) throws InterruptedException {
        for (int i = 0; i < TALKERS; i++) {
            int room = i % ROOMS;
            talkers.add(ChatClient.join(http, port, minutes.get(room), "room " + room, "talker " + i));
        }
    }

    private void awaitMoreTalk() throws InterruptedException {
        for (ChatClient talker : talkers) {
            talker.awaitMessages(talker.count() + MESSAGES);
        }
    }

    private ChildProcess upgrade(ChildProcess server) throws InterruptedException {
        ChildProcess successor = ChatIT.chat(programs);
        ChildProcess.Event handedOver = server.await("handed-over", ChatIT.LIMIT);
        successor.await("ready", ChatIT.LIMIT);
        assertThat(server.awaitExit(ChatIT.LIMIT)).isZero();
        goneMillis.add(TimeUnit.NANOSECONDS.toMillis(server.exitedNanos() - handedOver.nanos()));
        assertThat(handedOver.line().number("moved")).isEqualTo(TALKERS);
        assertThat(handedOver.line().number("kept")).isZero();
        assertThat(handedOver.line().number("closed")).isZero();
        return successor;
    }

    /**
     * Each room has what its members said, all of it, each once; and each member has heard it in the room's order, or
     * it would have noted trouble.
     */
    private void assertExact() throws InterruptedException {
        Map<String, List<ChatClient>> rooms =
                talkers.stream().collect(Collectors.groupingBy(ChatClient::room, TreeMap::new, Collectors.toList()));
        assertThat(rooms).hasSize(ROOMS);
        for (List<ChatClient> members : rooms.values()) {
            int said = members.stream().mapToInt(ChatClient::beSilent).sum();
            for (ChatClient member : members) {
                member.awaitSequence(said);
            }
            assertExact(members, said);
        }
    }

    private static void assertExact(List<ChatClient> members, int said) {
        ChatClient first = members.get(0);
        assertThat(first.first()).isEqualTo(1);
        List<String> heard = first.heard();
        assertThat(heard).hasSize(said);
        for (ChatClient member : members) {
            assertThat(member.trouble()).as(member.wish()).isEmpty();
            assertThat(member.first() + " to " + member.last())
                    .as(member.wish())
                    .isEqualTo("1 to " + said);
            List<String> own = heard.stream()
                    .filter(line -> line.startsWith(member.name() + ": "))
                    .toList();
            assertThat(own)
                    .isEqualTo(IntStream.rangeClosed(1, member.beSilent())
                            .mapToObj(number -> member.name() + ": " + member.sentence(number))
                            .toList());
        }
    }
}
