package io.fdnetty.channel;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.kqueue.KQueueIoEvent;
import io.netty.channel.kqueue.KQueueIoHandle;
import io.netty.channel.kqueue.KQueueIoOps;

/**
 * By kqueue.
 *
 * <p>The read filter is always there: level-triggered while reads are wanted, otherwise edge-triggered, so that the end
 * of the stream is noticed and nothing spins. Filters are deleted before the registration is cancelled, which does not
 * delete them; the loop applies all changes in their order before it waits again. Source: kqueue(2).
 */
final class KQueueReadiness extends Readiness implements KQueueIoHandle {
    private static final short EVFILT_READ = -1;
    private static final short EVFILT_WRITE = -2;
    private static final short EV_ADD = 0x1;
    private static final short EV_DELETE = 0x2;
    private static final short EV_ENABLE = 0x4;
    private static final short EV_CLEAR = 0x20;
    private static final short EV_EOF = (short) 0x8000;

    private static final KQueueIoOps READ_LEVEL = KQueueIoOps.newOps(EVFILT_READ, (short) (EV_ADD | EV_ENABLE), 0);
    private static final KQueueIoOps READ_EDGE =
            KQueueIoOps.newOps(EVFILT_READ, (short) (EV_ADD | EV_ENABLE | EV_CLEAR), 0);
    private static final KQueueIoOps READ_NONE = KQueueIoOps.newOps(EVFILT_READ, EV_DELETE, 0);
    private static final KQueueIoOps WRITE = KQueueIoOps.newOps(EVFILT_WRITE, (short) (EV_ADD | EV_ENABLE), 0);
    private static final KQueueIoOps WRITE_NONE = KQueueIoOps.newOps(EVFILT_WRITE, EV_DELETE, 0);

    private boolean started;
    private boolean reading;
    private boolean writing;

    KQueueReadiness(IoEventLoop loop, Listener listener) {
        super(loop, listener);
    }

    @Override
    public int ident() {
        return listener.fd().intValue();
    }

    @Override
    void submit(IoRegistration current, boolean read, boolean write) {
        if (!started || read != reading) {
            if (started) {
                current.submit(READ_NONE);
            }
            current.submit(read ? READ_LEVEL : READ_EDGE);
        }
        if (write != writing) {
            current.submit(write ? WRITE : WRITE_NONE);
        }
        started = true;
        reading = read;
        writing = write;
    }

    @Override
    void withdraw(IoRegistration current) {
        if (started) {
            current.submit(READ_NONE);
        }
        if (writing) {
            current.submit(WRITE_NONE);
        }
    }

    @Override
    public void handle(IoRegistration current, IoEvent event) {
        KQueueIoEvent kevent = (KQueueIoEvent) event;
        boolean eof = (kevent.flags() & EV_EOF) != 0;
        report(kevent.filter() == EVFILT_READ, kevent.filter() == EVFILT_WRITE, eof);
    }
}
