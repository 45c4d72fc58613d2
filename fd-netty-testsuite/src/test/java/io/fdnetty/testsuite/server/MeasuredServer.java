package io.fdnetty.testsuite.server;

import io.fdnetty.StateSection;
import io.fdnetty.UpgradeException;
import io.fdnetty.Upgrader;
import io.fdnetty.examples.NativeTransport;
import io.fdnetty.examples.process.OsSignal;
import io.fdnetty.examples.process.OwnCommand;
import io.fdnetty.examples.server.EchoHandler;
import io.fdnetty.examples.server.EventLine;
import io.fdnetty.examples.server.ServerEvents;
import io.fdnetty.examples.server.Successor;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * The echo server for tests, whose state goes from generation to generation: at SIGHUP it tells what it uses, as
 * {@code event=usage}, and starts its successor.
 */
final class MeasuredServer {
    private final ServerEvents events = new ServerEvents(System.out);
    private final Inheritance inheritance = new Inheritance();

    /**
     * Runs the server.
     *
     * @param arguments the control socket
     */
    public static void main(String[] arguments) throws Exception {
        System.exit(new MeasuredServer().run(Path.of(arguments[0])));
    }

    private int run(Path socket) throws Exception {
        EventLoopGroup loops = NativeTransport.eventLoops("measured", 2);
        try (Upgrader upgrader = Upgrader.builder(socket)
                .name("measured")
                .drainTimeout(Duration.ofSeconds(10))
                .state("inheritance", inheritance)
                .listener(events)
                .build()) {
            Channel listener = bind(upgrader, loops);
            Successor successor = new Successor(upgrader, OwnCommand.remember()::again);
            OsSignal.handle("HUP", () -> {
                tellUsage();
                successor.start();
            });
            events.listening(((InetSocketAddress) listener.localAddress()).getPort());
            upgrader.ready();
            events.awaitEnd(upgrader);
            events.exit(0);
            return 0;
        } catch (UpgradeException e) {
            events.upgradeFailed(e.step(), e.getMessage());
            return 1;
        }
    }

    private static Channel bind(Upgrader upgrader, EventLoopGroup loops) throws InterruptedException {
        return new ServerBootstrap()
                .group(loops)
                .channelFactory(upgrader.listener("echo"))
                .childHandler(upgrader.movable("echo", new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel connection) {
                        connection
                                .pipeline()
                                .addLast(
                                        new LengthFieldBasedFrameDecoder(1 << 20, 0, Integer.BYTES), new EchoHandler());
                    }
                }))
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
    }

    private void tellUsage() {
        System.gc();
        EventLine.of("usage")
                .with("pid", ProcessHandle.current().pid())
                .with("descriptors", openFiles())
                .with("threads", ManagementFactory.getThreadMXBean().getThreadCount())
                .with(
                        "heap",
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed())
                .with("direct", directMemory())
                .with("state", inheritance.bytes.length)
                .with("arguments", length("/proc/self/cmdline"))
                .with("environment", length("/proc/self/environ"))
                .print(System.out);
    }

    private static long directMemory() {
        long buffers = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return buffers + Math.max(0, PlatformDependent.usedDirectMemory());
    }

    private static long openFiles() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count() - 1; // the directory itself
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int length(String file) {
        try {
            return Files.readAllBytes(Path.of(file)).length;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What every generation leaves to the next, unchanged. */
    private static final class Inheritance implements StateSection {
        byte[] bytes = new byte[100_000];

        @Override
        public void save(OutputStream out) throws IOException {
            out.write(bytes);
        }

        @Override
        public void load(int version, InputStream in) throws IOException {
            bytes = in.readAllBytes();
        }
    }
}
