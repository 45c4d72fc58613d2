package io.fdnetty.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.fdnetty.internal.sys.Carrier;
import io.fdnetty.internal.sys.Kernel;
import io.fdnetty.testing.DescriptorLeaks;
import io.fdnetty.testing.SocketPairs;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Another implementation at the other end: a Python process with socket.send_fds and socket.recv_fds. */
@ExtendWith(DescriptorLeaks.class)
class PythonPeerTest {
    @TempDir
    Path directory;

    private final Kernel kernel = Carrier.kernel();
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Inbox inbox = new Inbox();
    private final CompletableFuture<AncillarySocketChannel> accepted = new CompletableFuture<>();

    @BeforeEach
    void listen() {
        boolean present = hasPython();
        if ("true".equals(System.getenv("CI"))) {
            assertThat(present).as("python3 is needed in CI").isTrue();
        }
        assumeTrue(present, "python3 is absent");
        new ServerBootstrap()
                .group(loops)
                .channel(AncillaryServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel child) {
                        AncillarySocketChannel channel = (AncillarySocketChannel) child;
                        channel.readPlan(() -> inbox.received() < 5 ? 5 - inbox.received() : ReadPlan.DESCRIPTOR);
                        child.pipeline().addLast(inbox);
                        accepted.complete(channel);
                    }
                })
                .bind(new DomainSocketAddress(path()))
                .syncUninterruptibly();
    }

    @AfterEach
    void stop() {
        loops.shutdownGracefully(20, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
        inbox.close();
    }

    private static boolean hasPython() {
        try {
            Process python = new ProcessBuilder("python3", "-c", "import socket; socket.send_fds").start();
            return python.waitFor() == 0;
        } catch (IOException absent) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private String path() {
        return directory.resolve("s").toString();
    }

    private String python(String script) throws Exception {
        Process process = new ProcessBuilder("python3", "-c", script, path(), directory.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.trim();
    }

    @Test
    void descriptorsArriveFromPython() throws Exception {
        int count = kernel.descriptorsPerMessage();
        python("""
                import os, socket, sys
                s = socket.socket(socket.AF_UNIX)
                s.connect(sys.argv[1])
                s.sendall(b'hello')
                fds = []
                for i in range(%d):
                    name = os.path.join(sys.argv[2], str(i))
                    open(name, 'w').write('file %%d' %% i)
                    fds.append(os.open(name, os.O_RDONLY))
                socket.send_fds(s, [b'\\0'], fds)
                """.formatted(count));

        List<Descriptor> arrived = inbox.awaitDescriptors(count);
        inbox.awaitInactive();
        assertThat(new String(inbox.awaitBytes(6), StandardCharsets.UTF_8)).isEqualTo("hello\0");
        for (int i = 0; i < count; i++) {
            Path link = Path.of(
                    "/proc/self/fd", String.valueOf(arrived.get(i).peek().intValue()));
            assertThat(Files.readString(link)).isEqualTo("file " + i);
        }
    }

    @Test
    void descriptorsArriveInPython() throws Exception {
        int count = kernel.descriptorsPerMessage();
        List<FileDescriptor> pipes = SocketPairs.numberedPipes(count);
        Descriptors message = Pair.owned(pipes);
        accepted.thenAccept(channel -> channel.eventLoop().execute(() -> {
            channel.write(Pair.bytes(3));
            channel.writeAndFlush(message);
        }));

        String output = python("""
                import os, socket, struct, sys
                s = socket.socket(socket.AF_UNIX)
                s.connect(sys.argv[1])
                data, fds = b'', []
                while len(data) < 4:
                    part, new, flags, _ = socket.recv_fds(s, 100, 300)
                    data += part
                    fds += new
                print([struct.unpack('>i', os.read(fd, 4))[0] for fd in fds])
                """);

        assertThat(output).startsWith("[0").contains(String.valueOf(count - 1));
    }

    @Test
    void aListeningSocketServesInPython() throws Exception {
        Socket listener = Socket.newSocketStream();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        listener.listen(1);
        try (SocketChannel client = SocketChannel.open(listener.localAddress())) {
            Descriptors message = Descriptors.of(Descriptor.adopt(listener, "listener"));
            accepted.thenAccept(channel -> channel.eventLoop().execute(() -> channel.writeAndFlush(message)));

            python("""
                    import socket, sys
                    s = socket.socket(socket.AF_UNIX)
                    s.connect(sys.argv[1])
                    data, fds, flags, _ = socket.recv_fds(s, 1, 1)
                    listener = socket.socket(fileno=fds[0])
                    listener.setblocking(True)
                    connection, peer = listener.accept()
                    connection.sendall(b'accepted')
                    """);

            ByteBuffer greeting = ByteBuffer.allocate(8);
            while (greeting.hasRemaining() && client.read(greeting) >= 0) {
                assertThat(greeting.position()).isPositive();
            }
            assertThat(new String(greeting.array(), StandardCharsets.UTF_8)).isEqualTo("accepted");
        }
    }

    @Test
    void aKilledPeerIsTheEnd() throws Exception {
        python("""
                import os, signal, socket, sys
                s = socket.socket(socket.AF_UNIX)
                s.connect(sys.argv[1])
                s.sendall(b'hello')
                """);

        assertThat(inbox.awaitBytes(5)).hasSize(5);
        inbox.awaitInactive();
        assertThat(inbox.failures()).isEmpty();
    }
}
