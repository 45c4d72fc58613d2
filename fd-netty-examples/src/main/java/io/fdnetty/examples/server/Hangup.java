package io.fdnetty.examples.server;

import java.lang.reflect.Proxy;

/**
 * Hears of SIGHUP. Without a public door in the JDK: {@code sun.misc.Signal} is reached by its name.
 *
 * <p>A process that was started with SIGHUP ignored, as {@code nohup} does, hears nothing.
 */
final class Hangup {
    private Hangup() {}

    /**
     * Runs an action at each SIGHUP, on a thread of the JVM's; the process does not end by it any more.
     *
     * @return false if this JVM has no such signal
     */
    static boolean onSignal(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object hangup = signal.getConstructor(String.class).newInstance("HUP");
            signal.getMethod("handle", signal, handler).invoke(null, hangup, handlerOf(handler, action));
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    private static Object handlerOf(Class<?> type, Runnable action) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
            if (method.getName().equals("handle")) {
                action.run();
                return null;
            }
            return switch (method.getName()) {
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "what to do at SIGHUP";
            };
        });
    }
}
