package io.fdnetty.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.sys.Carrier;
import io.fdnetty.internal.sys.Errno;
import io.fdnetty.internal.sys.Kernel;
import io.fdnetty.internal.sys.SystemCallException;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.SocketPairs;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The channel against a kernel that misbehaves on command. */
@ExtendWith(DescriptorLeaks.class)
class ScriptedKernelTest {
    private final Kernel real = Carrier.kernel();
    private final ScriptedKernel kernel = new ScriptedKernel(real);

    @Test
    void aShortWriteIsContinuedWhereItEnded() throws IOException {
        kernel.send(1, 2, 1000);
        try (Pair pair = new Pair(kernel, real).start()) {
            ByteBuf bytes = Pair.bytes(5000);
            byte[] expected = ByteBufUtil.getBytes(bytes);
            pair.left.writeAndFlush(bytes).syncUninterruptibly();

            assertThat(pair.atRight.awaitBytes(5000)).isEqualTo(expected);
        }
    }

    @Test
    void aShortGatheringWriteIsContinuedWhereItEnded() throws IOException {
        kernel.send(1, -Errno.EAGAIN, 1);
        try (Pair pair = new Pair(kernel, real).start()) {
            for (int i = 0; i < 5; i++) {
                pair.left.write(Pair.bytes(100));
            }
            pair.left.flush();

            assertThat(pair.atRight.awaitBytes(500)).hasSize(500);
        }
    }

    @Test
    void aFullSocketIsWaitedFor() throws IOException {
        kernel.send(-Errno.EAGAIN).sendDescriptors(-Errno.EAGAIN);
        try (Pair pair = new Pair(kernel, real).descriptorsAfter(3).start()) {
            pair.left.write(Pair.bytes(3));
            pair.left.writeAndFlush(Pair.owned(SocketPairs.numberedPipes(1))).syncUninterruptibly();

            assertThat(pair.atRight.awaitDescriptors(1)).hasSize(1);
            assertThat(kernel.calls).hasValueGreaterThanOrEqualTo(4);
        }
    }

    @Test
    void tooManyDescriptorsInFlightAreTriedAgainLater() throws IOException {
        int refused = -Errno.ETOOMANYREFS;
        kernel.sendDescriptors(refused, refused, refused, refused);
        try (Pair pair = new Pair(kernel, real).descriptorsAfter(0).start()) {
            ChannelFuture first = pair.left.writeAndFlush(Pair.owned(SocketPairs.numberedPipes(1)));
            ChannelFuture second = pair.left.writeAndFlush(Pair.owned(SocketPairs.numberedPipes(1)));

            assertThat(pair.atRight.awaitDescriptors(2)).hasSize(2);
            assertThat(first.syncUninterruptibly().isSuccess()).isTrue();
            assertThat(second.syncUninterruptibly().isSuccess()).isTrue();
            assertThat(kernel.calls).hasValue(6);
        }
    }

    @Test
    void closingEndsTheRetries() throws IOException {
        kernel.sendDescriptors(-Errno.ETOOMANYREFS);
        try (Pair pair = new Pair(kernel, real).start()) {
            ChannelFuture write = pair.left.writeAndFlush(Pair.owned(SocketPairs.numberedPipes(1)));
            pair.left.close().syncUninterruptibly();

            assertThat(write.awaitUninterruptibly().isDone()).isTrue();
        }
    }

    @Test
    void aTruncatedMessageIsDeliveredAndThenReported() throws IOException {
        kernel.truncate.set(1);
        try (Pair pair = new Pair(real, kernel).start()) {
            pair.left.writeAndFlush(Pair.bytes(2)).syncUninterruptibly();

            assertThat(pair.atRight.awaitFailure())
                    .isInstanceOf(DescriptorsTruncatedException.class)
                    .hasMessageContaining("RLIMIT_NOFILE");
            assertThat(pair.atRight.awaitBytes(2)).hasSize(2);
            pair.left.writeAndFlush(Pair.bytes(2)).syncUninterruptibly();
            assertThat(pair.atRight.awaitBytes(4)).hasSize(4);
        }
    }

    @Test
    void anErrorThatHasNoCureClosesTheChannelAndNamesTheCall() throws IOException {
        kernel.receive(-Errno.ENOMEM);
        try (Pair pair = new Pair(real, kernel).start()) {
            pair.left.writeAndFlush(Pair.bytes(2));

            assertThat(pair.atRight.awaitFailure())
                    .isInstanceOf(SystemCallException.class)
                    .hasMessageContaining("recvmsg(socket ");
            pair.atRight.awaitInactive();
        }
    }

    @Test
    void aMistakeOfThisProgramIsLoud() throws IOException {
        kernel.sendDescriptors(-Errno.EBADF);
        try (Pair pair = new Pair(kernel, real).start()) {
            ChannelFuture write = pair.left.writeAndFlush(Pair.owned(SocketPairs.numberedPipes(1)));

            assertThat(write.awaitUninterruptibly().cause())
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("sendmsg(socket ");
        }
    }

    @Test
    void aResetAfterTheQueueIsTheEnd() throws IOException {
        kernel.receive(1, 1, -Errno.ECONNRESET);
        try (Pair pair = new Pair(real, kernel).start()) {
            pair.left.writeAndFlush(Pair.bytes(2));

            pair.atRight.awaitBytes(1);
            pair.left.writeAndFlush(Pair.bytes(1));
            pair.left.writeAndFlush(Pair.bytes(1));
            pair.atRight.awaitInactive();
            assertThat(pair.atRight.failures()).isEmpty();
        }
    }
}
