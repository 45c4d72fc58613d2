package io.fdnetty.examples.process;

import java.lang.reflect.Proxy;

/**
 * Hears a signal of the operating system. Without a public door in the JDK: {@code sun.misc.Signal} is reached by its
 * name.
 */
public final class OsSignal {
    private OsSignal() {}

    /**
     * Runs an action at each signal, on a thread of the JVM's, instead of what the signal does otherwise.
     *
     * <p>A process that was started with the signal ignored, as {@code nohup} does with SIGHUP, hears nothing.
     *
     * @param name without SIG, {@code HUP} say
     * @return false if this JVM has no such signal
     */
    public static boolean handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object each = signal.getConstructor(String.class).newInstance(name);
            signal.getMethod("handle", signal, handler).invoke(null, each, handlerOf(handler, name, action));
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    private static Object handlerOf(Class<?> type, String name, Runnable action) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
            if (method.getName().equals("handle")) {
                action.run();
                return null;
            }
            return switch (method.getName()) {
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "what to do at SIG" + name;
            };
        });
    }
}
