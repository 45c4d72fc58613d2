package io.fdnetty.internal.successor;

import io.fdnetty.internal.machine.SuccessorHost;
import io.fdnetty.internal.protocol.Message;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Loads the state sections as they arrive: the chunks on the control loop, the author's code on a thread of its own,
 * one section after the other.
 *
 * <p>On the control loop, which also hears the results. While sections are still being loaded, what follows them on the
 * control socket waits ({@link #isBusy}).
 */
final class SectionLoader implements SectionInput.Pressure {
    private final SuccessorHost host;
    private final Channel channel;
    private final EventLoop loop;
    private final Executor executor;
    private final BiConsumer<String, String> rejected;
    private final Runnable idle;
    private @Nullable SectionInput incoming;
    private String name = "";
    private int loading;

    /**
     * @param executor runs one task at a time
     * @param rejected hears the name of a section that cannot be used, and why
     * @param idle run when nothing is being loaded any more
     */
    SectionLoader(
            SuccessorHost host,
            Channel channel,
            Executor executor,
            BiConsumer<String, String> rejected,
            Runnable idle) {
        this.host = host;
        this.channel = channel;
        this.loop = channel.eventLoop();
        this.executor = executor;
        this.rejected = rejected;
        this.idle = idle;
    }

    /** Whether a section that has come whole is still being loaded. */
    boolean isBusy() {
        return loading > 0 && incoming == null;
    }

    /** Takes the next piece over. */
    void accept(Message message) {
        if (message instanceof Message.StateBegin begin) {
            begin(begin);
        } else if (message instanceof Message.StateChunk chunk) {
            add(chunk);
        } else if (message instanceof Message.StateEnd end) {
            end(end);
        } else {
            throw new AssertionError(message);
        }
    }

    private void begin(Message.StateBegin begin) {
        name = begin.name();
        if (host.knows(name)) {
            SectionInput input = new SectionInput(this);
            incoming = input;
            loading++;
            executor.execute(() -> load(begin, input));
        } else if (begin.required()) {
            rejected.accept(name, "this version does not know it");
        }
    }

    private void add(Message.StateChunk chunk) {
        if (incoming != null) {
            incoming.add(chunk.bytes().retain());
        }
        chunk.discard();
    }

    private void end(Message.StateEnd end) {
        if (incoming != null) {
            incoming.end(end);
            incoming = null;
        }
    }

    /** Nothing more will come: wakes the loader of a section that is not whole. */
    void cut(String reason) {
        if (incoming != null) {
            incoming.fail(reason);
            incoming = null;
        }
    }

    private void load(Message.StateBegin begin, SectionInput input) {
        try (input) {
            host.load(begin, input);
            long bytes = input.verify();
            loop.execute(() -> loaded(begin.name(), bytes));
        } catch (Throwable e) { // or the predecessor would wait for an answer
            loop.execute(() -> failed(begin.name(), input, e));
        }
    }

    private void loaded(String section, long bytes) {
        host.loaded(section, bytes);
        done();
    }

    private void failed(String section, SectionInput input, Throwable thrown) {
        if (incoming == input) {
            incoming = null;
        }
        if (!input.wasCut()) {
            rejected.accept(section, thrown.getMessage() == null ? thrown.toString() : thrown.getMessage());
        }
        done();
    }

    private void done() {
        loading--;
        if (loading == 0) {
            idle.run();
        }
    }

    @Override
    public void stopReading() {
        channel.config().setAutoRead(false);
    }

    /**
     * On the loop too, where an order to stop that came before has been carried out: the loader's thread may be faster
     * than that.
     */
    @Override
    public void goOnReading() {
        if (loop.inEventLoop()) {
            channel.config().setAutoRead(true);
        } else {
            loop.execute(() -> channel.config().setAutoRead(true));
        }
    }
}
