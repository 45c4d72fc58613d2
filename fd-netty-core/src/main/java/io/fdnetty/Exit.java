package io.fdnetty;

/** The end of a process that cannot serve: one line for the operator, and status 1. */
final class Exit {
    private Exit() {}

    /** Ends this process; blocks. Returns nothing, but lets the compiler know. */
    static AssertionError because(UpgradeException failure) {
        System.err.println("step " + failure.step() + ": " + failure.getMessage());
        System.exit(1);
        return new AssertionError("System.exit returned");
    }

    /** From a thread of its own: those that end the server's part in upgrades must go on. */
    static void soon(UpgradeException failure) {
        new Thread(() -> because(failure), "fd-netty-exit").start();
    }
}
