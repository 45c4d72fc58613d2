package io.fdnetty.testsuite.load;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What wrk said.
 *
 * @param requests how many were answered
 * @param socketErrors of all kinds
 * @param otherStatus answers that were not 2xx or 3xx
 */
record Wrk(long requests, long socketErrors, long otherStatus, String output) {
    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in");
    private static final Pattern ERRORS =
            Pattern.compile("Socket errors: connect (\\d+), read (\\d+), write (\\d+), timeout (\\d+)");
    private static final Pattern STATUS = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");

    static List<String> command(long port, int connections, int seconds, String path, List<String> more) {
        List<String> command = new ArrayList<>(List.of("wrk", "-t1", "-c" + connections, "-d" + seconds + "s"));
        command.addAll(List.of("--timeout", "20s"));
        command.addAll(more);
        command.add("http://127.0.0.1:" + port + path);
        return command;
    }

    static Wrk parse(String output) {
        Matcher errors = ERRORS.matcher(output);
        long sum = 0;
        if (errors.find()) {
            for (int i = 1; i <= errors.groupCount(); i++) {
                sum += Long.parseLong(errors.group(i));
            }
        }
        return new Wrk(number(REQUESTS, output), sum, number(STATUS, output), output);
    }

    private static long number(Pattern pattern, String output) {
        Matcher found = pattern.matcher(output);
        return found.find() ? Long.parseLong(found.group(1)) : 0;
    }
}
