package io.fdnetty.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.testing.DescriptorLeaks;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DescriptorLeaks.class)
class LifelineTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Lifeline.Pair pair = Lifeline.open();
    private final Lifeline lifeline = Lifeline.watch(pair.readEnd());

    LifelineTest() throws IOException {}

    @AfterEach
    void stop() {
        lifeline.close();
        pair.holder().close();
        loops.shutdownGracefully(20, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }

    @Test
    void aByteMeansThatTheHolderTookItsUnitsBack() throws IOException {
        Future<Lifeline.Word> word = lifeline.listen(loops.next(), LONG);

        pair.holder().takeBack();
        pair.holder().takeBack();

        assertThat(word.syncUninterruptibly().getNow()).isEqualTo(Lifeline.Word.TAKEN_BACK);
    }

    @Test
    void aByteCountsAlthoughTheHolderDiedAfterwards() throws IOException {
        pair.holder().takeBack();
        pair.holder().close();

        Future<Lifeline.Word> word = lifeline.listen(loops.next(), LONG);

        assertThat(word.syncUninterruptibly().getNow()).isEqualTo(Lifeline.Word.TAKEN_BACK);
    }

    @Test
    void theEndWithoutAByteMeansDeath() {
        Future<Lifeline.Word> word = lifeline.listen(loops.next(), LONG);

        pair.holder().close();

        assertThat(word.syncUninterruptibly().getNow()).isEqualTo(Lifeline.Word.DEAD);
    }

    @Test
    void nothingUntilTheDeadlineIsSilence() {
        Future<Lifeline.Word> word = lifeline.listen(loops.next(), Duration.ofMillis(20));

        assertThat(word.syncUninterruptibly().getNow()).isEqualTo(Lifeline.Word.SILENT);
    }

    @Test
    void closingCancelsAndMayBeRepeated() {
        Future<Lifeline.Word> word = lifeline.listen(loops.next(), LONG);

        lifeline.close();
        lifeline.close();

        assertThat(word.awaitUninterruptibly().isCancelled()).isTrue();
    }

    @Test
    void onlyOneMayListen() {
        lifeline.listen(loops.next(), LONG);

        assertThatThrownBy(() -> lifeline.listen(loops.next(), LONG)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void takingBackIsNoErrorWhenNobodyWatchesAnyMore() throws IOException {
        lifeline.close();

        pair.holder().takeBack();

        assertThat(pair.readEnd().isOpen()).isFalse();
    }

    @Test
    void aLoopThatEndsEndsTheWaiting() {
        Future<Lifeline.Word> word = lifeline.listen(loops.next(), LONG);
        loops.next().submit(() -> {}).syncUninterruptibly();

        loops.shutdownGracefully(1, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();

        assertThat(word.isCancelled()).isTrue();
    }
}
