package io.fdnetty.internal.listener;

import static io.fdnetty.internal.listener.Servers.LOOPBACK_ANY_PORT;
import static io.fdnetty.internal.listener.Servers.cold;
import static io.fdnetty.internal.listener.Servers.get;
import static io.fdnetty.internal.listener.Servers.handOver;
import static io.fdnetty.internal.listener.Servers.port;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.Eventually;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The backlog of an inherited listener is that of the server that accepts. */
@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class BacklogTest {
    private final Servers servers = new Servers();
    private final Listeners old = cold();

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        servers.close();
    }

    @Test
    void theSuccessorsBacklogHoldsOnceItAccepts() throws Exception {
        Channel server = bind(old.tcp("http"), 11, LOOPBACK_ANY_PORT);
        old.releaseAll();
        assertThat(backlog(old)).isEqualTo(11);

        Listeners successor = new Listeners(handOver(old));
        bind(successor.tcp("http"), 22, server.localAddress());
        assertThat(backlog(old)).as("before the successor is ready").isEqualTo(11);
        get(old.stopAll());
        successor.releaseAll();

        Eventually.holds("it listens anew", () -> backlog(successor) == 22);
    }

    @Test
    void afterARollBackItIsTheIncumbentsAgain() throws Exception {
        Channel server = bind(old.tcp("http"), 11, LOOPBACK_ANY_PORT);
        old.releaseAll();
        Listeners successor = new Listeners(handOver(old));
        bind(successor.tcp("http"), 22, server.localAddress());
        get(old.stopAll());
        successor.releaseAll();
        get(successor.stopAll());

        old.resumeAll();
        get(old.stopAll());

        assertThat(backlog(old)).isEqualTo(11);
    }

    @Test
    void nobodyWhoWaitsInTheQueueIsLostByASmallerOne() throws Exception {
        Channel server = bind(old.tcp("http"), 50, LOOPBACK_ANY_PORT);
        List<Client> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                clients.add(Client.tcp(port(server)));
            }
            Listeners successor = new Listeners(handOver(old));
            bind(successor.tcp("http"), 1, server.localAddress());
            get(old.stopAll());
            successor.releaseAll();
            for (Client client : clients) {
                assertThat(client.echo("x")).isEqualTo("x");
            }
        } finally {
            clients.forEach(Client::close);
        }
    }

    @Test
    void leftOverSocketsOfTheNameGetItToo() throws Exception {
        ServerBootstrap reusing = servers.bootstrap()
                .channelFactory(old.tcp("http"))
                .option(EpollChannelOption.SO_REUSEPORT, true)
                .option(ChannelOption.SO_BACKLOG, 11);
        Channel first = servers.bind(reusing, LOOPBACK_ANY_PORT);
        servers.bind(reusing, first.localAddress());
        old.releaseAll();
        Listeners successor = new Listeners(handOver(old));
        bind(successor.tcp("http"), 22, first.localAddress());
        get(old.stopAll());
        successor.releaseAll();

        Eventually.holds("both are served", () -> successor.all().size() == 2);
        Eventually.holds("both have it", () -> successor.all().stream().allMatch(each -> backlog(each) == 22));
    }

    @Test
    void aUnixListenerGetsItToo() throws Exception {
        DomainSocketAddress path =
                new DomainSocketAddress(directory.resolve("s").toString());
        bind(old.unix("s"), 2, path);
        old.releaseAll();
        get(old.stopAll());
        assertThat(queued(path)).isEqualTo(3);

        Listeners successor = new Listeners(handOver(old));
        bind(successor.unix("s"), 5, path);
        successor.releaseAll();
        try (Client last = Client.unix(directory.resolve("s"))) {
            last.echo("x"); // nobody waits in the queue any more
        }
        get(successor.stopAll());

        assertThat(queued(path)).isEqualTo(6);
    }

    private Channel bind(ChannelFactory<ServerChannel> factory, int backlog, SocketAddress address) throws Exception {
        return servers.bind(
                servers.bootstrap().channelFactory(factory).option(ChannelOption.SO_BACKLOG, backlog), address);
    }

    private static long backlog(Listeners listeners) {
        return backlog(listeners.all().get(0));
    }

    /**
     * As {@code ss -ltn} shows it: of a listening socket TCP_INFO tells its backlog in the field of the selective
     * acknowledgements.
     */
    private static long backlog(Listener listener) {
        try (Descriptor copy = Servers.copy(listener)) {
            EpollSocketChannel socket = new EpollSocketChannel(copy.take().intValue());
            try {
                return socket.tcpInfo().sacked();
            } finally {
                socket.unsafe().closeForcibly();
            }
        }
    }

    /** How many connections the queue takes while nobody accepts. */
    private static int queued(DomainSocketAddress path) {
        List<Socket> clients = new ArrayList<>();
        try {
            while (clients.size() < 100) {
                Socket client = Socket.newSocketDomain();
                clients.add(client);
                client.connect(path);
            }
        } catch (IOException full) {
            return clients.size() - 1;
        } finally {
            clients.forEach(EventLoops::closeQuietly);
        }
        return clients.size();
    }
}
