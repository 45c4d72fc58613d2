package io.fdnetty.internal.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * Loads the classes with which a process hands over, takes back and reports, before it serves: later the file that
 * holds them may have been overwritten, and a class costs time just when connections stand still.
 *
 * <p>These are all classes of this library, and those that the resources {@value #LIST} name, one a line: Netty's; an
 * application adds its own under the same name. Names that are not found are passed over, since a list is for every
 * platform. Works on a thread of its own while the author sets the server up. Thread-safe.
 */
public final class HandoverClasses {
    static final String LIST = "META-INF/fd-netty/handover-classes";

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(HandoverClasses.class);
    private static final String OWN = "io/fdnetty/";
    private static final String CLASS = ".class";

    /**
     * Initialized too: what a class of ours looks up in Netty may need others. Nobody else's class is, the programs'
     * neither.
     */
    private static final String LIBRARY = "io.fdnetty.";

    private static final List<String> PROGRAMS = List.of(LIBRARY + "examples.", LIBRARY + "testsuite.");
    private static final long PATIENCE_SECONDS = 5;

    private final ClassLoader loader;
    private final CountDownLatch done = new CountDownLatch(1);

    private HandoverClasses(ClassLoader loader) {
        this.loader = loader;
    }

    /** Begins; the lists and the classes are those that the calling thread sees. */
    public static HandoverClasses load() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        HandoverClasses classes =
                new HandoverClasses(context == null ? HandoverClasses.class.getClassLoader() : context);
        Thread thread = new Thread(classes::run, "fd-netty-classes");
        thread.setDaemon(true);
        thread.start();
        return classes;
    }

    private void run() {
        long begun = System.nanoTime();
        try {
            List<String> names = names();
            int loaded = names.stream().mapToInt(this::load).sum();
            logger.debug(
                    "Loaded {} of {} classes for upgrades in {} µs",
                    loaded,
                    names.size(),
                    (System.nanoTime() - begun) / 1_000);
        } catch (IOException e) {
            logger.warn("The list of classes for upgrades cannot be read; do not overwrite this program's files", e);
        } finally {
            done.countDown();
        }
    }

    private List<String> names() throws IOException {
        List<String> names = new ArrayList<>(ownNames());
        for (URL list : Collections.list(loader.getResources(LIST))) {
            try (InputStream in = list.openStream();
                    BufferedReader lines = new BufferedReader(new InputStreamReader(in, UTF_8))) {
                lines.lines().filter(line -> !line.isBlank()).forEach(names::add);
            }
        }
        return names;
    }

    /** Empty where classes do not lie in a directory or a jar. */
    private static List<String> ownNames() throws IOException {
        String own = HandoverClasses.class.getName().replace('.', '/') + CLASS;
        URL here = HandoverClasses.class.getResource(HandoverClasses.class.getSimpleName() + CLASS);
        if (here == null) {
            return List.of();
        }
        URLConnection connection = here.openConnection();
        if (connection instanceof JarURLConnection jar) {
            jar.setUseCaches(false);
            try (JarFile file = jar.getJarFile()) {
                return file.stream()
                        .map(JarEntry::getName)
                        .flatMap(HandoverClasses::own)
                        .toList();
            }
        }
        if (!here.getProtocol().equals("file")) {
            return List.of();
        }
        Path root = Path.of(here.getPath().substring(0, here.getPath().length() - own.length()));
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(file -> root.relativize(file).toString())
                    .flatMap(HandoverClasses::own)
                    .toList();
        }
    }

    /** The class of a file below the root of a class path, if it is one of this library. */
    private static Stream<String> own(String file) {
        return file.startsWith(OWN) && file.endsWith(CLASS)
                ? Stream.of(file.substring(0, file.length() - CLASS.length()).replace('/', '.'))
                : Stream.empty();
    }

    private int load(String name) {
        try {
            boolean initialize = name.startsWith(LIBRARY) && PROGRAMS.stream().noneMatch(name::startsWith);
            Class.forName(name, initialize, loader);
            return 1;
        } catch (ClassNotFoundException | LinkageError absent) {
            return 0;
        }
    }

    /** Blocks until they are loaded, but not for long. */
    public void await() {
        try {
            if (!done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                logger.warn("The classes for upgrades are not loaded after {} s; going on", PATIENCE_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
