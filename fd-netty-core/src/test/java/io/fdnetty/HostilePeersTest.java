package io.fdnetty;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.channel.AncillarySocketChannel;
import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.Descriptors;
import io.fdnetty.testing.DescriptorLeaks;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whatever comes to the control socket, the server serves on, leaves nothing open, and the next upgrade works. */
@ExtendWith(DescriptorLeaks.class)
class HostilePeersTest {
    private static final int HEADER = 8;
    private static final int NOBODY = 65534;

    @TempDir
    Path directory;

    private EchoServer server;
    private Socket client;

    @BeforeEach
    void startServer() throws Exception {
        server = EchoServer.start(socket(), settings -> settings.stepTimeout(Duration.ofMillis(500)));
        client = new Socket(InetAddress.getLoopbackAddress(), server.port());
        client.setSoTimeout(10_000);
        UpgraderTest.echo(client, "before");
    }

    /** The server still serves the client, and hands it over when a real successor comes. */
    @AfterEach
    void theNextUpgradeWorks() throws Exception {
        try (EchoServer running = server;
                Socket connected = client) {
            UpgraderTest.echo(connected, "still here");
            try (EchoServer successor = EchoServer.start(socket(), settings -> settings)) {
                UpgradeReport report =
                        running.upgrader.handedOver().toCompletableFuture().get(10, TimeUnit.SECONDS);
                assertThat(report.moved()).isEqualTo(1);
                UpgraderTest.echo(connected, "after");
                assertThat(successor.serving.generation()).isEqualTo(2);
            }
        }
    }

    private Path socket() {
        return directory.resolve("upgrade.sock");
    }

    @Test
    void garbage() throws IOException {
        byte[] garbage = new byte[4096];
        new Random(7).nextBytes(garbage);
        garbage[1] = (byte) 0xfe;
        assertThat(answerTo(garbage)).isNotEmpty();
    }

    @Test
    void aFrameThatIsCutOff() throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(HEADER + 10)
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) 0)
                .putInt(100);
        assertThat(answerTo(frame.array())).isNotEmpty();
    }

    @Test
    void aLengthOfFourGigabytes() throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(HEADER)
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) 0)
                .putInt(-1);
        assertThat(answerTo(frame.array())).isNotEmpty();
    }

    @Test
    void aPeerThatSaysNothing() throws IOException {
        assertThat(answerTo(new byte[0])).isNotEmpty();
    }

    @Test
    void aMessageThatIsNotHello() throws IOException {
        ByteBuffer ready = ByteBuffer.allocate(HEADER).put((byte) 9);
        assertThat(answerTo(ready.array())).isNotEmpty();
    }

    /** Sends the bytes and reads to the end: the server says why, and closes. */
    private byte[] answerTo(byte[] bytes) throws IOException {
        try (SocketChannel peer = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            peer.connect(UnixDomainSocketAddress.of(socket()));
            peer.write(ByteBuffer.wrap(bytes));
            ByteBuffer answer = ByteBuffer.allocate(1 << 16);
            try {
                while (peer.read(answer) >= 0) {
                    assertThat(answer.hasRemaining()).isTrue();
                }
            } catch (IOException resetBecauseOurBytesWereNotRead) {
                assertThat(answer.position()).isPositive();
            }
            return java.util.Arrays.copyOf(answer.array(), answer.position());
        }
    }

    @Test
    void descriptorsThatNoFrameAnnounced() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try {
            Channel peer = new Bootstrap()
                    .group(group)
                    .channel(AncillarySocketChannel.class)
                    .handler(new Swallow())
                    .connect(new DomainSocketAddress(socket().toFile()))
                    .sync()
                    .channel();
            FileDescriptor[] pipe = FileDescriptor.pipe();
            for (FileDescriptor end : pipe) {
                peer.writeAndFlush(Descriptors.of(Descriptor.adopt(end, "uninvited")))
                        .await();
            }
            assertThat(peer.closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            group.shutdownGracefully(1, 1000, TimeUnit.MILLISECONDS).sync();
        }
    }

    @Test
    void tenThousandPeersThatSayNothing() throws IOException {
        List<SocketChannel> peers = new ArrayList<>();
        try {
            for (int i = 0; i < 10_000; i++) {
                SocketChannel peer = SocketChannel.open(StandardProtocolFamily.UNIX);
                peers.add(peer);
                peer.connect(UnixDomainSocketAddress.of(socket()));
            }
            ByteBuffer answer = ByteBuffer.allocate(1 << 12);
            for (SocketChannel peer : peers) {
                while (peer.read(answer) >= 0) {
                    answer.clear();
                }
            }
        } finally {
            for (SocketChannel peer : peers) {
                peer.close();
            }
        }
    }

    @Test
    void aPeerOfAnotherUser() throws Exception {
        Assumptions.assumeTrue(hasPython() || System.getenv("CI") != null, "python3 is absent");
        Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "only root can become somebody else");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(socket(), PosixFilePermissions.fromString("rw-rw-rw-"));
        String program = "import os,socket,sys\n"
                + "os.setgroups([]); os.setgid(" + NOBODY + "); os.setuid(" + NOBODY + ")\n"
                + "s=socket.socket(socket.AF_UNIX); s.settimeout(10); s.connect(sys.argv[1])\n"
                + "d=b''\n"
                + "while True:\n  b=s.recv(4096)\n  if not b: break\n  d+=b\n"
                + "sys.stdout.buffer.write(d)\n";
        Process peer = new ProcessBuilder("python3", "-c", program, socket().toString())
                .redirectErrorStream(true)
                .start();
        String answer = new String(peer.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(peer.waitFor()).as(answer).isZero();
        assertThat(answer).contains("uid " + NOBODY + " may not take over");
    }

    private static boolean hasPython() throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
        } catch (IOException absent) {
            return false;
        }
    }

    private static final class Swallow extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            io.netty.util.ReferenceCountUtil.release(message);
        }
    }
}
