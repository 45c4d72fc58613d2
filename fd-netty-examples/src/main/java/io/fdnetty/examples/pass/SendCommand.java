package io.fdnetty.examples.pass;

import io.fdnetty.channel.AncillarySocketChannel;
import io.fdnetty.examples.NativeTransport;
import io.fdnetty.examples.ProgramException;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Passes open files, or an accepted TCP connection, to the first peer that connects. */
@Command(
        name = "send",
        description = {
            "Listens on a Unix socket and passes open files, or one accepted TCP connection, to the first peer.",
            "All go in one message with one zero byte, which any program can receive (python: socket.recv_fds)."
        })
public final class SendCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // injected by picocli
    private CommandSpec spec;

    @Option(
            names = "--socket",
            required = true,
            paramLabel = "SOCKET",
            description = "The path to listen on; the socket file is for you alone and is removed afterwards.")
    @SuppressWarnings("NullAway.Init") // injected by picocli
    private Path socket;

    @Option(
            names = "--tcp",
            paramLabel = "PORT",
            description = "Accept one TCP connection on this port and pass it; 0 lets the kernel choose.")
    private @Nullable Integer port;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "The address for --tcp (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // injected by picocli
    private String host;

    @Option(
            names = "--one-by-one",
            description = "Pass each descriptor in a message of its own, if one cannot hold them all.")
    private boolean oneByOne;

    @Parameters(paramLabel = "FILE", description = "Files to pass, opened for reading.")
    private List<Path> files = List.of();

    @Override
    public Integer call() throws Exception {
        if ((port == null) == files.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "Name files to send, or a port with --tcp");
        }
        checkLimit(files.size());
        EventLoopGroup loops = NativeTransport.eventLoops("send", 1);
        try (PrivateListener listener = PrivateListener.open(socket, loops)) {
            try (Parcel parcel = port == null ? Parcel.ofFiles(files) : acceptOne(port)) {
                say("waiting for a peer on " + socket);
                listener.passToFirstPeer(parcel.lend(), oneByOne);
            }
        } finally {
            loops.shutdownGracefully();
        }
        return 0;
    }

    private void checkLimit(int descriptors) {
        int limit = new AncillarySocketChannel().maxDescriptorsPerMessage();
        if (descriptors <= limit || oneByOne) {
            return;
        }
        String runtime = "Java " + Runtime.version().feature();
        throw new ProgramException(
                limit == 1
                        ? "one message carries at most 1 descriptor on " + runtime + ", not " + descriptors
                                + "; run on Java 22 or newer, or send them --one-by-one"
                        : "one message carries at most " + limit + " descriptors, not " + descriptors
                                + "; name fewer files, or send them --one-by-one");
    }

    private Parcel acceptOne(int tcpPort) throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(host, tcpPort));
            say("waiting for a TCP connection on " + text(listener.getLocalAddress()));
            SocketChannel connection = listener.accept();
            return Parcel.ofConnection(connection, "tcp-" + text(connection.getRemoteAddress()));
        } catch (IOException e) {
            throw new ProgramException("cannot accept on " + host + ":" + tcpPort + ": " + e.getMessage(), e);
        }
    }

    private static String text(java.net.SocketAddress address) {
        InetSocketAddress inet = (InetSocketAddress) address;
        return inet.getAddress().getHostAddress() + ":" + inet.getPort();
    }

    private void say(String what) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("fd-netty: " + what);
        err.flush();
    }
}
