package io.fdnetty.internal.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds in the command line of a Java program what makes the runtime itself open a port: a debugger, JMX, an agent. Two
 * processes cannot have the same one, so a successor with the same command line ends before its own code runs.
 */
public final class OwnPorts {
    private static final List<String> VARIABLES = List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");
    private static final String PORT = "0*[1-9][0-9]*";
    private static final List<Pattern> FLAGS = List.of(
            Pattern.compile("-(agentlib:|agentpath:.*|X?run)jdwp.*[=:,]address=([^,]*:)?" + PORT + "(,.*)?"),
            Pattern.compile("-Dcom\\.sun\\.management\\.jmxremote(\\.rmi)?\\.port=" + PORT),
            Pattern.compile("-javaagent:[^=]*=(.*[^0-9])?" + PORT + "([^0-9].*)?"));

    private OwnPorts() {}

    /** The flags that open one, in the command line or in a variable that the runtime reads; empty if there is none. */
    static List<String> in(List<String> command, Map<String, String> environment) {
        Stream<String> variables = VARIABLES.stream()
                .map(name -> environment.getOrDefault(name, ""))
                .flatMap(value -> Stream.of(value.split("\\s+", -1)));
        List<String> found = new ArrayList<>();
        Stream.concat(command.stream(), variables)
                .filter(word ->
                        FLAGS.stream().anyMatch(flag -> flag.matcher(word).matches()))
                .forEach(found::add);
        return found;
    }

    /** What to say when a process with this command line has ended at once; empty if it opens no port. */
    public static String hint(ProcessBuilder command) {
        List<String> found = in(command.command(), command.environment());
        return found.isEmpty()
                ? ""
                : "; its command line opens ports that this process holds, which may be why: "
                        + String.join(" ", found);
    }
}
