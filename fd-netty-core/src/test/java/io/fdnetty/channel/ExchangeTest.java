package io.fdnetty.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.fdnetty.internal.sys.Carrier;
import io.fdnetty.internal.sys.Kernel;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.SocketPairs;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes and descriptors between two channels, on each carrier. */
@ExtendWith(DescriptorLeaks.class)
class ExchangeTest {
    private static final String CARRIERS = "io.fdnetty.channel.Carriers#all";

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void bytesComeBeforeTheirDescriptors(Kernel kernel) throws IOException {
        try (Pair pair = new Pair(kernel, kernel).descriptorsAfter(5).start()) {
            pair.right.nameArrivals(i -> "pipe-" + i);
            pair.left.write(Pair.bytes(5));
            pair.left.writeAndFlush(Pair.owned(SocketPairs.numberedPipes(1)));

            List<Descriptor> arrived = pair.atRight.awaitDescriptors(1);

            assertThat(pair.atRight.awaitBytes(6))
                    .hasSize(6)
                    .endsWith(pair.atRight.awaitBytes(6)[5]);
            assertThat(arrived.get(0).name()).isEqualTo("pipe-0");
            assertThat(arrived.get(0).isOwned()).isTrue();
            assertThat(SocketPairs.number(arrived.get(0).peek())).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void whatWasSentIsClosedHereAndABorrowedOneIsNot(Kernel kernel) throws IOException {
        List<FileDescriptor> pipes = SocketPairs.numberedPipes(2);
        try (Pair pair = new Pair(kernel, kernel).descriptorsAfter(0).start()) {
            pair.left.write(Descriptors.of(Descriptor.adopt(pipes.get(0), "owned")));
            pair.left.writeAndFlush(pipes.get(1)).syncUninterruptibly();
            pair.atRight.awaitDescriptors(2);
        }
        assertThat(pipes.get(0).isOpen()).isFalse();
        assertThat(pipes.get(1).isOpen()).isTrue();
        pipes.get(1).close();
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void tenThousandDescriptorsArriveInOrder(Kernel kernel) throws IOException {
        int count = 10_000;
        int distinct = 100;
        List<FileDescriptor> pipes = SocketPairs.numberedPipes(distinct);
        try (Pair pair = new Pair(kernel, kernel).descriptorsAfter(0).start()) {
            int group = kernel.descriptorsPerMessage();
            for (int at = 0; at < count; at += group) {
                pair.left.write(borrowed(pipes, at, Math.min(count, at + group)));
            }
            assertThat(pair.left.isWritable()).isFalse();
            pair.left.flush();

            List<Descriptor> arrived = pair.atRight.awaitDescriptors(count);

            assertThat(arrived).hasSize(count);
            for (int i = 0; i < distinct; i++) {
                assertThat(SocketPairs.number(arrived.get(i).peek())).isEqualTo(i);
            }
            boolean same = true;
            for (int i = distinct; i < count; i++) {
                same &= inode(arrived.get(i)).equals(inode(arrived.get(i % distinct)));
            }
            assertThat(same).as("the pipes come round in order").isTrue();
        }
        for (FileDescriptor pipe : pipes) {
            pipe.close();
        }
    }

    private static Descriptors borrowed(List<FileDescriptor> fds, int from, int to) {
        Descriptor[] group = new Descriptor[to - from];
        for (int i = from; i < to; i++) {
            group[i - from] = Descriptor.borrow(fds.get(i % fds.size()), "pipe");
        }
        return Descriptors.of(group);
    }

    private static String inode(Descriptor descriptor) throws IOException {
        Path link = Path.of("/proc/self/fd", String.valueOf(descriptor.peek().intValue()));
        return Files.readSymbolicLink(link).toString();
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void aMebibyteIsWrittenInPartsAndItsDescriptorFollowsIt(Kernel kernel) throws IOException {
        int size = 1 << 20;
        try (Pair pair = new Pair(kernel, kernel).descriptorsAfter(size)) {
            pair.left.config().setOption(ChannelOption.SO_SNDBUF, 32 * 1024);
            pair.start();
            ByteBuf bytes = Pair.bytes(size);
            byte[] expected = ByteBufUtil.getBytes(bytes);
            pair.left.write(bytes.copy(0, 100));
            pair.left.write(bytes.copy(100, size / 2));
            pair.left.write(bytes.copy(100 + size / 2, size / 2 - 100));
            bytes.release();
            pair.left.write(Pair.owned(SocketPairs.numberedPipes(1)));
            pair.left.writeAndFlush(Pair.owned(SocketPairs.numberedPipes(1)));

            assertThat(pair.atRight.awaitDescriptors(2)).hasSize(2);
            assertThat(pair.atRight.awaitBytes(size + 2)).hasSize(size + 2).startsWith(expected);
        }
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void aFullSocketHoldsWritesBackUntilThePeerReads(Kernel kernel) throws IOException {
        int count = 2_000;
        List<FileDescriptor> pipe = SocketPairs.numberedPipes(1);
        try (Pair pair = new Pair(kernel, kernel).descriptorsAfter(0)) {
            pair.right.config().setAutoRead(false);
            pair.start();
            ChannelFuture last = pair.left.newSucceededFuture();
            for (int i = 0; i < count; i++) {
                last = pair.left.writeAndFlush(Descriptors.of(Descriptor.borrow(pipe.get(0), "pipe")));
            }
            pair.left.eventLoop().submit(() -> {}).syncUninterruptibly();
            assertThat(last.isDone()).isFalse();
            assertThat(pair.left.isWritable()).isFalse();

            pair.right.config().setAutoRead(true);

            last.syncUninterruptibly();
            assertThat(pair.atRight.awaitDescriptors(count)).hasSize(count);
        }
        pipe.get(0).close();
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void moreDescriptorsThanAMessageHoldsIsAClearError(Kernel kernel) throws IOException {
        int limit = kernel.descriptorsPerMessage();
        try (Pair pair = new Pair(kernel, kernel).start()) {
            Descriptors tooMany = Pair.owned(SocketPairs.numberedPipes(limit + 1));
            ChannelFuture write = pair.left.writeAndFlush(tooMany).awaitUninterruptibly();

            assertThat(write.cause())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("at most " + limit + " descriptors per message on this carrier");
            assertThat(tooMany.refCnt()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void whatCannotBeWrittenIsReleasedAndNamed(Kernel kernel) throws IOException {
        try (Pair pair = new Pair(kernel, kernel).start()) {
            ChannelFuture text = pair.left.writeAndFlush("text").awaitUninterruptibly();
            ChannelFuture none = pair.left.writeAndFlush(Descriptors.of()).awaitUninterruptibly();

            assertThat(text.cause()).hasMessageContaining("java.lang.String");
            assertThat(none.cause()).hasMessageContaining("at least 1");
        }
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void aDescriptorThatWasClosedInTheQueueIsNotSent(Kernel kernel) throws IOException {
        List<FileDescriptor> pipe = SocketPairs.numberedPipes(1);
        try (Pair pair = new Pair(kernel, kernel).descriptorsAfter(0).start()) {
            ChannelFuture write = pair.left.write(pipe.get(0));
            pair.left.eventLoop().submit(() -> {}).syncUninterruptibly();
            pipe.get(0).close();
            pair.left.flush();

            assertThatThrownBy(write::syncUninterruptibly).hasMessageContaining("was closed before it was sent");
            assertThat(pair.left.isOutputShutdown()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void aHandlerlessPipelineClosesWhatArrives(Kernel kernel) throws IOException {
        List<FileDescriptor> pipe = SocketPairs.numberedPipes(1);
        try (Pair pair = new Pair(kernel, kernel)) {
            pair.right.pipeline().remove(pair.atRight);
            pair.right.readPlan(() -> ReadPlan.DESCRIPTOR);
            pair.start();
            pair.left.writeAndFlush(pipe.get(0)).syncUninterruptibly();
            pair.left.close().syncUninterruptibly();
            pair.right.closeFuture().syncUninterruptibly();
        }
        pipe.get(0).close();
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void messagesInTheQueueOfAClosingChannelAreClosed(Kernel kernel) throws IOException {
        try (Pair pair = new Pair(kernel, kernel).start()) {
            Descriptors queued = Pair.owned(SocketPairs.numberedPipes(1));
            ChannelFuture write = pair.left.write(queued);
            pair.left.close().syncUninterruptibly();

            assertThat(write.awaitUninterruptibly().isSuccess()).isFalse();
            assertThat(queued.refCnt()).isZero();
        }
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_22)
    void foreignCallsKeepTheFlagsOfWhatPassesAndCloseItOnExec() throws IOException {
        Kernel foreign = Carrier.choose("foreign");
        FileDescriptor file = FileDescriptor.from("/dev/null");
        try (Pair pair = new Pair(foreign, foreign).start()) {
            pair.left.writeAndFlush(file).syncUninterruptibly();

            int arrived = pair.atRight.awaitDescriptors(1).get(0).peek().intValue();

            assertThat(flags(arrived) & 04000).as("O_NONBLOCK").isZero();
            assertThat(flags(arrived) & 02000000).as("O_CLOEXEC").isNotZero();
            assertThat(flags(file.intValue()) & 04000).as("O_NONBLOCK").isZero();
        }
        file.close();
    }

    @ParameterizedTest
    @MethodSource(CARRIERS)
    void aBlockingDescriptorCanBeMadeNonBlocking(Kernel kernel) throws IOException {
        FileDescriptor file = FileDescriptor.from("/dev/null");
        assertThat(flags(file.intValue()) & 04000).isZero();

        kernel.makeNonBlocking(file);

        assertThat(flags(file.intValue()) & 04000).isNotZero();
        file.close();
    }

    private static int flags(int fd) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd))) {
            if (line.startsWith("flags:")) {
                return Integer.parseInt(line.substring(6).trim(), 8);
            }
        }
        throw new IOException("no flags of " + fd);
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_22)
    void theCarriersUnderstandEachOtherWithOneDescriptorPerMessage() throws IOException {
        Kernel foreign = Carrier.choose("foreign");
        Kernel netty = Carrier.choose("netty");
        for (Kernel[] kernels : new Kernel[][] {{foreign, netty}, {netty, foreign}}) {
            try (Pair pair =
                    new Pair(kernels[0], kernels[1]).descriptorsAfter(9).start()) {
                pair.left.write(Pair.bytes(9));
                pair.left.write(Pair.owned(SocketPairs.numberedPipes(1)));
                pair.left.writeAndFlush(Pair.owned(SocketPairs.numberedPipes(1)));

                assertThat(pair.atRight.awaitDescriptors(2)).hasSize(2);
                assertThat(pair.atRight.awaitBytes(11)).hasSize(11);
            }
        }
    }
}
