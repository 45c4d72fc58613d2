package io.fdnetty.internal.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.SocketPairs;
import io.netty.channel.unix.Buffer;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The system calls themselves, on each carrier. */
@ExtendWith(DescriptorLeaks.class)
class KernelTest {
    private final Socket[] pair = SocketPairs.unix();
    private final ReceivedDescriptors arrivals = new ReceivedDescriptors();
    private final ByteBuffer memory = ByteBuffer.allocateDirect(100);
    private final long address = Buffer.memoryAddress(memory);

    KernelTest() throws IOException {}

    static Stream<Named<Kernel>> kernels() {
        boolean foreign = Runtime.version().feature() >= 22;
        return Stream.of("netty", "foreign")
                .filter(name -> foreign || name.equals("netty"))
                .map(name -> Named.of(name, Carrier.choose(name)));
    }

    private void closePair() throws IOException {
        pair[0].close();
        pair[1].close();
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void anEmptySocketSaysSoAndAClosedOneEnds(Kernel kernel) throws IOException {
        assertThat(kernel.receive(pair[0], address, 100, arrivals)).isEqualTo(-Errno.EAGAIN);
        pair[1].close();
        assertThat(kernel.receive(pair[0], address, 100, arrivals)).isZero();
        assertThat(kernel.send(pair[0], address, 1)).isEqualTo(-Errno.EPIPE);
        closePair();
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void aFullSocketTakesNoMoreDescriptors(Kernel kernel) throws IOException {
        int[] self = {pair[0].intValue()};
        int sent = 0;
        int result = 1;
        while (result == 1) {
            result = kernel.sendDescriptors(pair[0], self, 1);
            sent++;
        }
        assertThat(result).isEqualTo(-Errno.EAGAIN);
        assertThat(sent).isGreaterThan(100);
        closePair();
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void aDescriptorThatIsNotOpenIsRefused(Kernel kernel) throws IOException {
        assertThat(kernel.sendDescriptors(pair[0], new int[] {1_000_000}, 1)).isEqualTo(-Errno.EBADF);
        closePair();
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void moreThanTheLimitIsRefusedBeforeTheCall(Kernel kernel) throws IOException {
        int tooMany = kernel.descriptorsPerMessage() + 1;
        assertThat(kernel.sendDescriptors(pair[0], new int[tooMany], tooMany)).isEqualTo(-Errno.EINVAL);
        closePair();
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_22)
    void aMessageOfManyIsDroppedByTheOneAtATimeCarrierAndReported() throws IOException {
        List<FileDescriptor> pipes = SocketPairs.numberedPipes(3);
        int[] numbers = pipes.stream().mapToInt(FileDescriptor::intValue).toArray();
        for (int count = 2; count <= 3; count++) {
            assertThat(Carrier.choose("foreign").sendDescriptors(pair[0], numbers, count))
                    .isEqualTo(1);

            assertThat(Carrier.choose("netty").receiveDescriptor(pair[1], arrivals))
                    .isEqualTo(1);
            assertThat(arrivals.count()).isZero();
            assertThat(arrivals.truncated()).isTrue();
        }
        for (FileDescriptor pipe : pipes) {
            pipe.close();
        }
        closePair();
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_22)
    void plainBytesBeforeAMessageComeWithItAndThoseAfterDoNot() throws IOException {
        Kernel foreign = Carrier.choose("foreign");
        List<FileDescriptor> pipes = SocketPairs.numberedPipes(2);
        int[] numbers = pipes.stream().mapToInt(FileDescriptor::intValue).toArray();
        foreign.send(pair[0], address, 10);
        foreign.sendDescriptors(pair[0], numbers, 2);
        foreign.send(pair[0], address, 10);

        assertThat(foreign.receive(pair[1], address, 100, arrivals)).isEqualTo(11);
        assertThat(arrivals.count()).isEqualTo(2);
        for (int i = 0; i < 2; i++) {
            FileDescriptor arrived = new FileDescriptor(arrivals.get(i));
            assertThat(SocketPairs.number(arrived)).isEqualTo(i);
            arrived.close();
            pipes.get(i).close();
        }
        assertThat(foreign.receive(pair[1], address, 100, arrivals)).isEqualTo(10);
        assertThat(arrivals.count()).isZero();
        closePair();
    }

    @Test
    void theCarrierMustBeOneThatExists() throws IOException {
        closePair();
        assertThatThrownBy(() -> Carrier.choose("pigeon"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("io.fdnetty.carrier=pigeon: must be auto, foreign or netty");
    }

    @Test
    @EnabledForJreRange(max = JRE.JAVA_21)
    void withoutForeignCallsTheOtherCarrierIsChosen() throws IOException {
        closePair();
        assertThat(Carrier.choose("auto").name()).isEqualTo("netty");
        assertThatThrownBy(() -> Carrier.choose("foreign")).hasRootCauseMessage("java.lang.foreign needs Java 22");
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_22)
    void foreignCallsAreChosenWhereTheyWork() throws IOException {
        closePair();
        assertThat(Carrier.choose("auto").name()).isEqualTo("foreign");
    }

    @Test
    void theMessageNamesTheCallItsValuesAndTheError() throws IOException {
        closePair();
        assertThat(Errno.failure("sendmsg", Errno.EPIPE, "socket 5, 3 descriptors"))
                .hasMessage("sendmsg(socket 5, 3 descriptors) failed: 32 Broken pipe");
        assertThatThrownBy(() -> Errno.failure("recvmsg", Errno.EFAULT, "socket 5"))
                .isInstanceOf(AssertionError.class);
    }
}
