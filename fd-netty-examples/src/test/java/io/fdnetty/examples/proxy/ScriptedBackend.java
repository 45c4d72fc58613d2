package io.fdnetty.examples.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A backend whose every word a test speaks itself: each accepted connection is given to the test. */
public final class ScriptedBackend implements AutoCloseable {
    private final ServerSocket listener;
    private final BlockingQueue<RawPeer> accepted = new LinkedBlockingQueue<>();
    private final List<RawPeer> all = new ArrayList<>();
    private final Thread acceptor = new Thread(this::run, "backend");

    public ScriptedBackend() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        acceptor.setDaemon(true);
        acceptor.start();
    }

    private void run() {
        try {
            while (true) {
                RawPeer peer = new RawPeer(listener.accept());
                synchronized (all) {
                    all.add(peer);
                }
                accepted.add(peer);
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** The next connection. */
    public RawPeer accept() throws IOException, InterruptedException {
        RawPeer peer = accepted.poll(15, TimeUnit.SECONDS);
        if (peer == null) {
            throw new IOException("the proxy did not connect");
        }
        return peer;
    }

    /** The first connection on which something has come. */
    RawPeer whoHears() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (System.nanoTime() - deadline < 0) {
            for (RawPeer peer : peers()) {
                if (peer.hears()) {
                    return peer;
                }
            }
            LockSupport.parkNanos(1_000_000);
        }
        throw new IOException("nothing comes from the proxy");
    }

    private List<RawPeer> peers() {
        synchronized (all) {
            return List.copyOf(all);
        }
    }

    /** Answers every request that has no body, on every connection that comes, with its own first line. */
    public void answerAll() {
        Thread thread = new Thread(this::serve, "backend answers");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() {
        try {
            while (true) {
                RawPeer peer = accepted.take();
                Thread thread = new Thread(() -> serve(peer), "backend connection");
                thread.setDaemon(true);
                thread.start();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void serve(RawPeer peer) {
        try {
            while (true) {
                String line = peer.head().lines().findFirst().orElseThrow();
                peer.send("HTTP/1.1 200 OK\nContent-Length: " + line.length() + "\n\n" + line);
            }
        } catch (IOException closed) {
            // the proxy, or the test, has had enough
        }
    }

    /** How many connections there have been. */
    public int connections() {
        synchronized (all) {
            return all.size();
        }
    }

    /**
     * Afterwards nobody listens any more: a thread within accept() keeps the socket alive for a moment, and may accept
     * once more.
     */
    @Override
    public void close() throws IOException {
        listener.close();
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        synchronized (all) {
            for (RawPeer peer : all) {
                peer.close();
            }
        }
    }
}
