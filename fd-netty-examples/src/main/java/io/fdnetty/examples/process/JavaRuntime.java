package io.fdnetty.examples.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fdnetty.examples.ProgramException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Java runtime that can run the programs of this jar.
 *
 * @param executable its {@code java}
 * @param feature its version: 17, 25
 */
public record JavaRuntime(Path executable, int feature) {
    private static final Pattern VERSION = Pattern.compile("version \"(?:1\\.)?(\\d+)");
    private static final int FIRST_WITH_FOREIGN_CALLS = 22;

    /** The runtime of this process. */
    public static JavaRuntime current() {
        Path executable = Path.of(System.getProperty("java.home"), "bin", "java");
        return new JavaRuntime(executable, Runtime.version().feature());
    }

    /** Looks at a {@code java} executable, or at the home of a JDK, and asks for its version. */
    public static JavaRuntime at(Path path) {
        Path executable = Files.isDirectory(path) ? path.resolve("bin").resolve("java") : path;
        if (!Files.isExecutable(executable)) {
            throw new ProgramException(path + " is no Java runtime; name a java executable or a JAVA_HOME");
        }
        String answer = askVersion(executable);
        Matcher version = VERSION.matcher(answer);
        if (!version.find()) {
            throw new ProgramException(executable + " -version did not tell a version, but: " + answer.strip());
        }
        return new JavaRuntime(executable, Integer.parseInt(version.group(1)));
    }

    private static String askVersion(Path executable) {
        try {
            Process process = new ProcessBuilder(executable.toString(), "-version")
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            return new String(process.getInputStream().readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new ProgramException("cannot run " + executable + ": " + e.getMessage(), e);
        }
    }

    /** Whether several descriptors can go in one message. */
    public boolean hasForeignCalls() {
        return feature >= FIRST_WITH_FOREIGN_CALLS;
    }

    /**
     * The command line that runs a program of this jar.
     *
     * @param mainClass of the jar, for the case that the classes are not in one
     */
    public List<String> program(String mainClass, List<String> arguments) {
        Path location = codeLocation();
        return Files.isDirectory(location)
                ? main(System.getProperty("java.class.path"), mainClass, arguments)
                : command(List.of("-jar", location.toString()), arguments);
    }

    /** The command line that runs any main class. */
    public List<String> main(String classPath, String mainClass, List<String> arguments) {
        return command(List.of("-cp", classPath, mainClass), arguments);
    }

    /** The command line that runs a program of some jar. */
    public List<String> jar(Path jar, List<String> arguments) {
        return command(List.of("-jar", jar.toString()), arguments);
    }

    private List<String> command(List<String> what, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(executable.toString());
        if (hasForeignCalls()) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(what);
        command.addAll(arguments);
        return command;
    }

    /**
     * The command line of this very process, options for the runtime included. What it calls {@code java} is looked for
     * anew: {@code java.home} knows only where the links led when this process was started.
     */
    public static List<String> sameCommandLine() {
        try {
            String line = Files.readString(Path.of("/proc/self/cmdline"), UTF_8);
            List<String> words = List.of(line.split("\0", -1)); // each word ends with a NUL, empty words too
            return startingWith(launcher(words.get(0)), words.subList(1, words.size() - 1));
        } catch (IOException notLinux) {
            return ProcessHandle.current()
                    .info()
                    .arguments()
                    .map(arguments -> startingWith(current().executable.toString(), List.of(arguments)))
                    .orElseThrow(() -> new ProgramException("this system does not tell a process its own arguments;"
                            + " start the same command line again by hand"));
        }
    }

    /** A name without a slash is found in the PATH, as the shell did; one that is not java's says nothing of a file. */
    private static String launcher(String typed) {
        return Path.of(typed).endsWith("java") ? typed : current().executable.toString();
    }

    private static List<String> startingWith(String first, List<String> others) {
        List<String> command = new ArrayList<>();
        command.add(first);
        command.addAll(others);
        return command;
    }

    private static Path codeLocation() {
        CodeSource source = JavaRuntime.class.getProtectionDomain().getCodeSource();
        if (source == null) {
            throw new ProgramException("this program does not know its own jar; run it with java -jar");
        }
        try {
            return Path.of(source.getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new ProgramException("cannot find the jar at " + source.getLocation(), e);
        }
    }
}
