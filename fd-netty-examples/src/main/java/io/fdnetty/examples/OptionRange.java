package io.fdnetty.examples;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The numbers that an option takes. Stateless. */
public final class OptionRange {
    private OptionRange() {}

    /**
     * Returns the value.
     *
     * @throws ParameterException if it is not between the two bounds, which belong to the range
     */
    public static int check(CommandSpec spec, String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw new ParameterException(
                    spec.commandLine(), option + " must be between " + min + " and " + max + ", not " + value);
        }
        return value;
    }
}
