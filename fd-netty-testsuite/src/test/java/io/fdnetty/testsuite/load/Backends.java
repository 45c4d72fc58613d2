package io.fdnetty.testsuite.load;

import io.fdnetty.examples.ProgramException;
import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.process.Jdks;
import io.fdnetty.testsuite.process.Programs;
import io.fdnetty.testsuite.process.Tools;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Servers behind the proxy; each returns its port when it listens. */
final class Backends {
    private Backends() {}

    /** {@link Backend}. */
    static long jdk(Programs programs) throws InterruptedException {
        return port(programs.main("backend", Jdks.current(), Backend.class));
    }

    static long port(ChildProcess backend) throws InterruptedException {
        return backend.await("listening", Generations.LIMIT).line().number("port");
    }

    /** nginx, with a small page and no log. It cannot choose a port itself. */
    static long nginx(Programs programs) throws IOException, InterruptedException {
        Tools.require("nginx");
        Path home = Files.createDirectory(programs.path("nginx"));
        int port = freePort();
        Path settings = Files.writeString(home.resolve("nginx.conf"), settings(home, port));
        ChildProcess nginx = programs.command(
                "nginx", List.of("nginx", "-p", home.toString(), "-e", "stderr", "-c", settings.toString()));
        nginx.awaitOutput("start worker process", Generations.LIMIT);
        if (!nginx.isAlive()) {
            throw new ProgramException("nginx did not start: " + nginx.output());
        }
        return port;
    }

    private static String settings(Path home, int port) {
        return String.join(
                "\n",
                "daemon off;",
                "worker_processes 1;",
                "error_log stderr notice;",
                "pid " + home + "/nginx.pid;",
                "events { worker_connections 2000; }",
                "http {",
                "  access_log off;",
                "  keepalive_requests 100000000;",
                "  client_body_temp_path " + home + "/body;",
                "  proxy_temp_path " + home + "/proxy;",
                "  fastcgi_temp_path " + home + "/fastcgi;",
                "  uwsgi_temp_path " + home + "/uwsgi;",
                "  scgi_temp_path " + home + "/scgi;",
                "  server {",
                "    listen 127.0.0.1:" + port + ";",
                "    location /small { return 200 'small\\n'; }",
                "  }",
                "}",
                "");
    }

    /** Redis, that keeps nothing. */
    static long redis(Programs programs) throws IOException, InterruptedException {
        String server = Tools.require("redis-server").toString();
        int port = freePort();
        ChildProcess redis = programs.command(
                "redis",
                List.of(
                        server,
                        "--bind",
                        "127.0.0.1",
                        "--port",
                        String.valueOf(port),
                        "--save",
                        "",
                        "--appendonly",
                        "no"));
        redis.awaitOutput("eady to accept connections", Generations.LIMIT);
        return port;
    }

    static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }
}
