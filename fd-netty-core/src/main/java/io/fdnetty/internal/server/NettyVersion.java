package io.fdnetty.internal.server;

import io.fdnetty.UpgradeException;
import io.fdnetty.UpgradeStep;
import io.netty.util.Version;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Looks for Netty 4.2, whose event loops fd-netty needs, before a class of it is missed. */
public final class NettyVersion {
    private static final String NEW_IN_4_2 = "io.netty.channel.IoHandlerFactory";

    private NettyVersion() {}

    /**
     * Requires it.
     *
     * @throws UpgradeException if there is an older one on the class path
     */
    public static void check() throws UpgradeException {
        try {
            Class.forName(NEW_IN_4_2, false, NettyVersion.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new UpgradeException(
                    UpgradeStep.START,
                    "fd-netty needs Netty 4.2, and on the class path is Netty " + found()
                            + ": import io.netty:netty-bom of 4.2 in front of what brings the older one",
                    e);
        }
    }

    private static Set<String> found() {
        Collection<Version> artifacts =
                Version.identify(NettyVersion.class.getClassLoader()).values();
        return artifacts.stream().map(Version::artifactVersion).collect(Collectors.toCollection(TreeSet::new));
    }
}
