package io.fdnetty.examples.proxy;

import io.fdnetty.Upgrader;
import io.fdnetty.examples.NativeTransport;
import io.fdnetty.testing.Serving;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** One generation of a proxy in this process, on one event loop. */
final class RunningProxy implements AutoCloseable {
    /** Long enough for whatever a test does not wait for. */
    static final ProxySettings.Times PATIENT = times(Duration.ofSeconds(20));

    final Upgrader upgrader;
    final Serving serving = new Serving();
    private final EventLoopGroup group = NativeTransport.eventLoops("proxy", 1);
    private final ChannelGroup clients = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Channel listener;

    private RunningProxy(Path socket, ProxySettings settings, ProxyMode mode) throws Exception {
        upgrader = Upgrader.builder(socket).name("proxy").listener(serving).build();
        listener = new ProxyServer(settings, mode, clients::add)
                .bind(upgrader, group, group, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        upgrader.ready();
    }

    static RunningProxy start(Path socket, ProxyMode mode, ProxySettings settings) throws Exception {
        return new RunningProxy(socket, settings, mode);
    }

    static ProxySettings settings(int backendPort) {
        return settings(backendPort, PATIENT);
    }

    static ProxySettings settings(int backendPort, ProxySettings.Times times) {
        InetSocketAddress backend = new InetSocketAddress(InetAddress.getLoopbackAddress(), backendPort);
        return new ProxySettings(backend, "backend.test:" + backendPort, 100, 4, times);
    }

    /** The same limit for everything, looked at often. */
    static ProxySettings.Times times(Duration limit) {
        return new ProxySettings.Times(limit, limit, limit, limit, limit, Duration.ofMillis(20));
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    RawPeer connect() throws IOException {
        return RawPeer.connect(port());
    }

    /** What the program does at SIGTERM. */
    void sayGoodbye() {
        clients.forEach(
                client -> client.eventLoop().execute(() -> client.pipeline().fireUserEventTriggered(Goodbye.SAID)));
    }

    @Override
    public void close() {
        if (group.isShuttingDown()) {
            return;
        }
        upgrader.close();
        listener.close().syncUninterruptibly();
        group.shutdownGracefully(20, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }
}
