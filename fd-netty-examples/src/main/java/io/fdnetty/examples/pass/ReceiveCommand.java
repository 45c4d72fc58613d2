package io.fdnetty.examples.pass;

import io.fdnetty.examples.NativeTransport;
import io.fdnetty.fd.Descriptor;
import io.netty.channel.EventLoopGroup;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Takes descriptors from a peer and copies what they hold to standard output. */
@Command(
        name = "receive",
        description = {
            "Connects to a Unix socket, takes the descriptors that the peer passes (python:"
                    + " socket.send_fds), and copies what"
                    + " they hold to standard output: files from where they stand, connections and pipes to their end.",
            "From a listening socket nothing is accepted; it is only named on standard error."
        })
public final class ReceiveCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // injected by picocli
    private CommandSpec spec;

    @Option(names = "--socket", required = true, paramLabel = "SOCKET", description = "The path to connect to.")
    @SuppressWarnings("NullAway.Init") // injected by picocli
    private Path socket;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "How many descriptors to take, in one message or several (default: those of the first message"
                    + " that has any).")
    private @Nullable Integer count;

    @Override
    public Integer call() throws Exception {
        if (count != null && count < 1) {
            throw new ParameterException(spec.commandLine(), "--count must be at least 1, not " + count);
        }
        EventLoopGroup loops = NativeTransport.eventLoops("receive", 1);
        List<Descriptor> received;
        try {
            received = Delivery.take(socket, count == null ? 0 : count, loops);
        } finally {
            loops.shutdownGracefully();
        }
        return copy(received);
    }

    private int copy(List<Descriptor> received) throws IOException {
        int status = 0;
        try (FileChannel out = new FileOutputStream(java.io.FileDescriptor.out).getChannel()) {
            for (Descriptor descriptor : received) {
                status |= copy(descriptor, out);
            }
        } finally {
            received.forEach(Descriptor::close);
        }
        return status;
    }

    /** Returns 0, or 1 if it cannot be read. */
    private int copy(Descriptor descriptor, FileChannel out) throws IOException {
        switch (descriptor.kind()) {
            case TCP_LISTENER, UNIX_LISTENER -> say(descriptor.name() + " is a listening socket; nothing is accepted");
            case UDP -> say(descriptor.name() + " is a UDP socket; nothing is read");
            default -> {
                try {
                    DescriptorReader.copy(descriptor, out);
                } catch (DescriptorReader.Unreadable e) {
                    say(descriptor.name() + " cannot be read: " + e.getMessage());
                    return 1;
                }
            }
        }
        return 0;
    }

    private void say(String what) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("fd-netty: " + what);
        err.flush();
    }
}
