package io.fdnetty.internal.listener;

import static io.fdnetty.internal.listener.Servers.LOOPBACK_ANY_PORT;
import static io.fdnetty.internal.listener.Servers.cold;
import static io.fdnetty.internal.listener.Servers.get;
import static io.fdnetty.internal.listener.Servers.handOver;
import static io.fdnetty.internal.listener.Servers.port;
import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.testing.DescriptorLeaks;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollChannelOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DescriptorLeaks.class)
@Timeout(60)
class ReusePortTest {
    private static final int SOCKETS = 3;
    private static final int CLIENTS = 40;

    private final Servers servers = new Servers();
    private final Listeners old = cold();
    private final List<Client> clients = new ArrayList<>();

    @AfterEach
    void close() {
        clients.forEach(Client::close);
        servers.close();
    }

    @Test
    void aSuccessorWithOneLoopServesTheQueuesOfAllSockets() throws Exception {
        Channel first = bindAll();
        connect(port(first));
        InheritedSockets table = handOver(old);
        Listeners successor = new Listeners(table);
        servers.bind(reusing(successor, "b"), first.localAddress());
        assertThat(successor.all()).hasSize(1);

        get(old.stopAll());
        successor.releaseAll();
        get(old.retireAll());
        get(old.closeAll());

        assertThat(table.closeUnclaimed()).isEmpty();
        for (Client client : clients) {
            assertThat(client.receive(1)).isEqualTo("b");
        }
        List<Listener> all = successor.all();
        assertThat(all).hasSize(SOCKETS).allMatch(Listener::isInherited);
        assertThat(all).allSatisfy(listener -> assertThat(listener.children()).hasSize(CLIENTS));
    }

    @Test
    void leftOversStopAndPassOnLikeAnyOther() throws Exception {
        Channel first = bindAll();
        Listeners successor = new Listeners(handOver(old));
        servers.bind(reusing(successor, "b"), first.localAddress());
        successor.releaseAll();
        get(old.stopAll());
        get(old.retireAll());
        get(old.closeAll());
        get(successor.stopAll());
        connect(port(first));

        Listeners third = new Listeners(handOver(successor));
        servers.bind(reusing(third, "c"), first.localAddress());
        third.releaseAll();
        get(successor.retireAll());
        get(successor.closeAll());

        for (Client client : clients) {
            assertThat(client.receive(1)).isEqualTo("c");
        }
    }

    @Test
    void leftOversCloseWithTheOneThatServesThem() throws Exception {
        Channel first = bindAll();
        Listeners successor = new Listeners(handOver(old));
        Channel adopted = servers.bind(reusing(successor, "b"), first.localAddress());
        successor.releaseAll();
        get(successor.stopAll());
        List<Listener> all = successor.all();
        assertThat(all).hasSize(SOCKETS);

        adopted.close().sync();

        for (Listener listener : all) {
            listener.channel().closeFuture().sync();
        }
        assertThat(successor.all()).isEmpty();
    }

    @Test
    void aSocketOfAnotherAddressIsNoLeftOver() throws Exception {
        Channel first = servers.bind(reusing(old, "a"), LOOPBACK_ANY_PORT);
        servers.bind(reusing(old, "a"), LOOPBACK_ANY_PORT);
        InheritedSockets table = handOver(old);
        Listeners successor = new Listeners(table);
        servers.bind(reusing(successor, "b"), first.localAddress());

        successor.releaseAll();

        assertThat(successor.all()).hasSize(1);
        assertThat(table.closeUnclaimed()).hasSize(1);
    }

    private Channel bindAll() throws InterruptedException {
        Channel first = servers.bind(reusing(old, "a"), LOOPBACK_ANY_PORT);
        for (int i = 1; i < SOCKETS; i++) {
            servers.bind(reusing(old, "a"), first.localAddress());
        }
        return first;
    }

    private ServerBootstrap reusing(Listeners listeners, String prefix) {
        return servers.bootstrap()
                .channelFactory(listeners.tcp("http"))
                .option(EpollChannelOption.SO_REUSEPORT, true)
                .childHandler(new Servers.Echo(prefix));
    }

    private void connect(int port) throws Exception {
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(Client.tcp(port));
        }
    }
}
