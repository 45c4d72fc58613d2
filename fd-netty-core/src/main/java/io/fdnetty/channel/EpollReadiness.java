package io.fdnetty.channel;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;

/**
 * By epoll, level-triggered.
 *
 * <p>EPOLLHUP and EPOLLERR cannot be masked. So after a hang-up the descriptor is watched edge-triggered: otherwise the
 * loop would spin until the last byte is read. It is never removed and added again, which a registration does not
 * survive.
 */
final class EpollReadiness extends Readiness implements EpollIoHandle {
    private static final int IN = EpollIoOps.EPOLLIN.value();
    private static final int OUT = EpollIoOps.EPOLLOUT.value();
    private static final int ERR = EpollIoOps.EPOLLERR.value();
    private static final int RDHUP = EpollIoOps.EPOLLRDHUP.value();
    private static final int ET = EpollIoOps.EPOLLET.value();
    private static final int HUP = 0x10;

    private int submitted;

    EpollReadiness(IoEventLoop loop, Listener listener) {
        super(loop, listener);
    }

    @Override
    public FileDescriptor fd() {
        return listener.fd();
    }

    @Override
    void submit(IoRegistration current, boolean read, boolean write) {
        int wanted = (hungUp ? ET : RDHUP) | (read ? IN : 0) | (write ? OUT : 0);
        if (wanted != submitted) {
            submitted = wanted;
            current.submit(EpollIoOps.valueOf(wanted));
        }
    }

    @Override
    public void handle(IoRegistration current, IoEvent event) {
        int ops = ((EpollIoEvent) event).ops().value();
        report((ops & (IN | ERR | HUP)) != 0, (ops & (OUT | ERR)) != 0, (ops & (RDHUP | ERR | HUP)) != 0);
    }
}
