package io.fdnetty.internal.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.UpgradePhase;
import io.fdnetty.channel.AncillarySocketChannel;
import io.fdnetty.fd.Descriptor;
import io.fdnetty.internal.incumbent.IncumbentDriver;
import io.fdnetty.internal.protocol.ConnectionPart;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.FrameDecoder;
import io.fdnetty.internal.protocol.FrameEncoder;
import io.fdnetty.internal.protocol.FrameLimits;
import io.fdnetty.internal.protocol.Message;
import io.fdnetty.internal.protocol.MessageDecoder;
import io.fdnetty.internal.protocol.MessageEncoder;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.SocketPairs;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * An incumbent that cannot read what its successor said lets go of what may have been acknowledged: nobody may have two
 * owners.
 */
@ExtendWith(DescriptorLeaks.class)
class BlindIncumbentTest {
    private static final List<Long> IDS = List.of(1L, 2L);
    private static final Duration LONG = Duration.ofSeconds(30);

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Host host = new Host();
    private AncillarySocketChannel control;
    private Socket successor;

    @BeforeEach
    void connect() throws Exception {
        Socket[] ends = SocketPairs.unix();
        successor = ends[1];
        control = AncillarySocketChannel.adopt(Descriptor.adopt(ends[0], "control"));
    }

    @AfterEach
    void end() throws Exception {
        successor.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }

    @Test
    void itLetsGoOfUnitsInDoubt() throws Exception {
        run(false);

        assertThat(host.released).isEqualTo(IDS);
        assertThat(host.resumed).isEmpty();
        assertThat(host.outcome.get()).isInstanceOf(IncumbentOutcome.Failed.class);
    }

    @Test
    void whereAllMoveTogetherItLetsGoOfTheRoleToo() throws Exception {
        run(true);

        assertThat(host.released).isEqualTo(IDS);
        assertThat(host.resumed).isEmpty();
        assertThat(host.outcome.get()).isInstanceOf(IncumbentOutcome.HandedOver.class);
    }

    @Test
    void whatItCouldReadToTheEndComesBack() throws Exception {
        IncumbentDriver driver = moving(false);
        onLoop(() -> driver.cancel("not today"));

        assertThat(host.outcome.get(10, TimeUnit.SECONDS)).isInstanceOf(IncumbentOutcome.Failed.class);
        assertThat(host.resumed).isEqualTo(IDS);
        assertThat(host.released).isEmpty();
    }

    private void run(boolean together) throws Exception {
        moving(together);
        onLoop(() -> control.pipeline().fireExceptionCaught(new OutOfMemoryError("a fault of the test")));
        host.outcome.get(10, TimeUnit.SECONDS);
    }

    /** One that has sent its units, and has heard nothing of them. */
    private IncumbentDriver moving(boolean together) throws Exception {
        host.together = together;
        IncumbentDriver driver = new IncumbentDriver(
                control, host, new Deadlines(LONG, LONG, LONG), new IncumbentTerms(1, 1, "chat", together));
        control.pipeline()
                .addLast(
                        new FrameEncoder(),
                        new FrameDecoder(FrameLimits.defaults()),
                        new MessageEncoder(),
                        new MessageDecoder(),
                        driver);
        group.register(control).sync();
        onLoop(() -> driver.start(new Message.Hello(1, 1, "chat", "2", 7, 1, 1 << 20)));
        host.await("SendingState", "AwaitReady");
        onLoop(() -> driver.received(new Message.Ready()));
        host.await("StoppingAccept");
        if (together) {
            host.await("StoppingConnections");
        } else {
            host.await("SendingFinalState", "CuttingOver", "Moving");
        }
        onLoop(() -> {
            for (Long id : IDS) {
                driver.send(List.of(unit(id)));
            }
            if (together) {
                driver.stopped(0, 0);
            }
        });
        if (together) {
            host.await("SendingFinalState", "CuttingOver", "AwaitComplete");
        }
        return driver;
    }

    private void onLoop(Runnable what) throws Exception {
        control.eventLoop().submit(what).get();
    }

    private static ConnectionUnit unit(long id) {
        try {
            FileDescriptor[] pipe = FileDescriptor.pipe();
            pipe[1].close();
            ConnectionPart part = new ConnectionPart(
                    "part",
                    "",
                    Descriptor.adopt(pipe[0], "pipe"),
                    0,
                    Unpooled.EMPTY_BUFFER,
                    Unpooled.EMPTY_BUFFER,
                    List.of());
            return new ConnectionUnit(id, "echo", 1, 0, List.of(part));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A server without listeners and state, which remembers what it is told. */
    private static final class Host implements IncumbentHost {
        private final LinkedBlockingQueue<String> phases = new LinkedBlockingQueue<>();
        private final CompletableFuture<IncumbentOutcome> outcome = new CompletableFuture<>();
        private final List<Long> released = new CopyOnWriteArrayList<>();
        private final List<Long> resumed = new CopyOnWriteArrayList<>();
        private volatile boolean together;

        void await(String... names) throws InterruptedException {
            for (String name : names) {
                String next = phases.poll(10, TimeUnit.SECONDS);
                while (next != null && !next.equals(name)) {
                    next = phases.poll(10, TimeUnit.SECONDS);
                }
                assertThat(next).isEqualTo(name);
            }
        }

        @Override
        public Message.Welcome welcome(int version, Descriptor lifeline) {
            return new Message.Welcome(version, 1, 1, 1, lifeline);
        }

        @Override
        public Message.Listeners listeners() {
            return new Message.Listeners(List.of());
        }

        @Override
        public CompletionStage<?> sendState(Channel channel, boolean finalState, Runnable progress) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public Message.Offer offer() {
            return new Message.Offer(IDS.size(), together, List.of());
        }

        @Override
        public CompletionStage<?> stopAccepting() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void resumeAccepting(String reason) {}

        @Override
        public void stopConnections(Moves moves) {}

        @Override
        public void stopWaiting() {}

        @Override
        public String unstopped() {
            return "";
        }

        @Override
        public void moveConnections(Moves moves) {}

        @Override
        public void release(List<Long> ids) {
            released.addAll(ids);
        }

        @Override
        public void resume(List<Long> ids, String reason) {
            resumed.addAll(ids);
        }

        @Override
        public void roleHandedOver() {}

        @Override
        public void phase(UpgradePhase phase, String reason) {
            phases.add(phase.label());
        }

        @Override
        public void ended(IncumbentOutcome how) {
            outcome.complete(how);
        }
    }
}
