package io.fdnetty.internal.control;

import io.fdnetty.UpgradeException;
import io.fdnetty.UpgradeStep;
import io.fdnetty.internal.sys.NativeLibrary;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.kqueue.KQueueIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The threads of an upgrader; all are daemons, and those that have nothing to do end. */
public final class ControlThreads {
    private static final long IDLE_SECONDS = 5;

    private ControlThreads() {}

    /** A group with one event loop of the platform's native transport. */
    public static EventLoopGroup newControlGroup() throws UpgradeException {
        return new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("fd-netty-control", true), nativeTransport());
    }

    private static IoHandlerFactory nativeTransport() throws UpgradeException {
        if (Epoll.isAvailable()) {
            return EpollIoHandler.newFactory();
        }
        if (KQueue.isAvailable()) {
            return KQueueIoHandler.newFactory();
        }
        throw new UpgradeException(UpgradeStep.START, NativeLibrary.advice());
    }

    /** Runs one task at a time, in order. */
    public static ExecutorService newExecutor(String name) {
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                1,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new DefaultThreadFactory(name, true));
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }
}
