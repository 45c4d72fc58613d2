package io.fdnetty.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.fd.Descriptors;
import io.fdnetty.internal.sys.Kernel;
import io.fdnetty.internal.sys.SystemCallException;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.SocketPairs;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What happens when one side goes away, or says that it has heard enough. */
@ExtendWith(DescriptorLeaks.class)
class HangupTest {
    private static final String CARRIERS = "io.fdnetty.channel.Carriers#all";

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void aPeerThatDiesIsNoticedWhileNothingIsRead(Kernel kernel) throws IOException {
        try (Pair pair = new Pair(kernel, kernel).descriptorsAfter(3)) {
            pair.right.config().setAutoRead(false);
            pair.start();
            pair.left.write(Pair.bytes(3));
            pair.left.writeAndFlush(Pair.owned(SocketPairs.numberedPipes(1))).syncUninterruptibly();
            pair.left.close().syncUninterruptibly();

            pair.atRight.awaitEvent(PeerHangup.INSTANCE);
            assertThat(pair.right.isActive()).isTrue();
            assertThat(pair.atRight.received()).isZero();

            pair.right.config().setAutoRead(true);
            pair.atRight.awaitInactive();
            assertThat(pair.atRight.awaitBytes(4)).hasSize(4);
            assertThat(pair.atRight.awaitDescriptors(1)).hasSize(1);
            assertThat(pair.atRight.events()).containsExactly(PeerHangup.INSTANCE);
            assertThat(pair.atRight.failures()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void singleReadsGetToTheEndAfterAHangup(Kernel kernel) throws IOException {
        try (Pair pair = new Pair(kernel, kernel).descriptorsAfter(3)) {
            pair.right.config().setAutoRead(false);
            pair.start();
            pair.left.write(Pair.bytes(3));
            pair.left.writeAndFlush(Pair.owned(SocketPairs.numberedPipes(1))).syncUninterruptibly();
            pair.left.close().syncUninterruptibly();
            pair.atRight.awaitEvent(PeerHangup.INSTANCE);

            while (pair.right.isOpen()) {
                pair.right.read();
                pair.right.eventLoop().submit(() -> {}).syncUninterruptibly();
            }

            assertThat(pair.atRight.awaitBytes(4)).hasSize(4);
            assertThat(pair.atRight.awaitDescriptors(1)).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void aDeadPeersUnreadBytesDoNotKeepTheLoopBusy(Kernel kernel) throws IOException {
        try (Pair pair = new Pair(kernel, kernel)) {
            pair.right.config().setAutoRead(false);
            pair.start();
            pair.left.writeAndFlush(Pair.bytes(3)).syncUninterruptibly();
            pair.left.close().syncUninterruptibly();
            pair.atRight.awaitEvent(PeerHangup.INSTANCE);

            long before = cpuNanosOf(pair);
            pair.right
                    .eventLoop()
                    .schedule(() -> {}, 300, TimeUnit.MILLISECONDS)
                    .syncUninterruptibly();

            assertThat(cpuNanosOf(pair) - before).isLessThan(100_000_000L);
        }
    }

    private static long cpuNanosOf(Pair pair) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return pair.right
                .eventLoop()
                .submit(() -> threads.getCurrentThreadCpuTime())
                .syncUninterruptibly()
                .getNow();
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void afterAFailedWriteTheQueueIsStillReadToItsEnd(Kernel kernel) throws IOException {
        try (Pair pair = new Pair(kernel, kernel).descriptorsAfter(3)) {
            pair.right.config().setAutoRead(false);
            pair.start();
            pair.left.write(Pair.bytes(3));
            pair.left.writeAndFlush(Pair.owned(SocketPairs.numberedPipes(1))).syncUninterruptibly();
            pair.left.close().syncUninterruptibly();

            Descriptors unsent = Pair.owned(SocketPairs.numberedPipes(1));
            ChannelFuture write = pair.right.writeAndFlush(unsent).awaitUninterruptibly();

            assertThat(write.cause()).isInstanceOf(SystemCallException.class).hasMessageContaining("1 descriptors");
            assertThat(unsent.refCnt()).isZero();
            assertThat(pair.right.isOutputShutdown()).isTrue();
            assertThat(pair.right.isActive()).isTrue();

            pair.right.config().setAutoRead(true);
            pair.atRight.awaitInactive();
            assertThat(pair.atRight.awaitBytes(4)).hasSize(4);
            assertThat(pair.atRight.awaitDescriptors(1)).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void aPeerThatLeavesOurBytesUnreadIsAnOrdinaryEnd(Kernel kernel) throws IOException {
        try (Pair pair = new Pair(kernel, kernel)) {
            pair.left.config().setAutoRead(false);
            pair.start();
            pair.right.writeAndFlush(Pair.bytes(100)).syncUninterruptibly();
            pair.left.writeAndFlush(Pair.bytes(7)).syncUninterruptibly();
            pair.left.close().syncUninterruptibly();

            pair.atRight.awaitInactive();
            assertThat(pair.atRight.awaitBytes(7)).hasSize(7);
            assertThat(pair.atRight.failures()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void afterShutdownBothThePeerCannotWriteAndWhatItWroteIsRead(Kernel kernel) throws IOException {
        try (Pair pair = new Pair(kernel, kernel).descriptorsAfter(1000)) {
            pair.right.config().setAutoRead(false);
            pair.left.config().setAutoRead(false);
            pair.start();
            pair.left.write(Pair.bytes(1000));
            pair.left.writeAndFlush(Pair.owned(SocketPairs.numberedPipes(1))).syncUninterruptibly();

            pair.right.shutdownBoth().syncUninterruptibly();

            ChannelFuture late = pair.left.writeAndFlush(Pair.bytes(1)).awaitUninterruptibly();
            assertThat(late.cause()).isInstanceOf(SystemCallException.class).hasMessageContaining("socket");
            pair.atRight.awaitInactive();
            assertThat(pair.atRight.awaitBytes(1001)).hasSize(1001);
            assertThat(pair.atRight.awaitDescriptors(1)).hasSize(1);
            assertThat(pair.right.isOpen()).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void shutdownBothOfAClosedChannelFails(Kernel kernel) throws IOException {
        try (Pair pair = new Pair(kernel, kernel).start()) {
            pair.right.close().syncUninterruptibly();
            assertThat(pair.right.shutdownBoth().awaitUninterruptibly().isSuccess())
                    .isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void aHalfClosedPeerCanStillBeAnswered(Kernel kernel) throws IOException {
        try (Pair pair = new Pair(kernel, kernel)) {
            pair.right.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
            pair.start();
            pair.left.writeAndFlush(Pair.bytes(2)).syncUninterruptibly();
            pair.left.shutdownOutput().syncUninterruptibly();

            pair.atRight.awaitEvent(ChannelInputShutdownReadComplete.INSTANCE);
            assertThat(pair.atRight.events())
                    .isEqualTo(List.of(ChannelInputShutdownEvent.INSTANCE, ChannelInputShutdownReadComplete.INSTANCE));
            assertThat(pair.right.isInputShutdown()).isTrue();
            pair.right.writeAndFlush(Pair.bytes(300_000)).syncUninterruptibly();
            assertThat(pair.atLeft.awaitBytes(300_000)).hasSize(300_000);
        }
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void withoutHalfClosureTheEndClosesTheChannel(Kernel kernel) throws IOException {
        try (Pair pair = new Pair(kernel, kernel).start()) {
            pair.left.shutdownOutput().syncUninterruptibly();
            pair.atRight.awaitInactive();
            assertThat(pair.right.isOpen()).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void aDeregisteredChannelLivesOnAtAnotherLoop(Kernel kernel) throws IOException {
        try (Pair pair = new Pair(kernel, kernel).start()) {
            pair.right.deregister().syncUninterruptibly();
            pair.left.writeAndFlush(Pair.bytes(10)).syncUninterruptibly();

            pair.loops.register(pair.right).syncUninterruptibly();

            assertThat(pair.atRight.awaitBytes(10)).hasSize(10);
            pair.left.close().syncUninterruptibly();
            pair.atRight.awaitInactive();
        }
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void aChannelThatIsClosedWithItsLoopLeavesNothingBehind(Kernel kernel) throws IOException {
        try (Pair pair = new Pair(kernel, kernel).start()) {
            pair.loops.shutdownGracefully(1, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
            assertThat(pair.left.isOpen()).isFalse();
            assertThat(pair.right.isOpen()).isFalse();
        }
    }
}
