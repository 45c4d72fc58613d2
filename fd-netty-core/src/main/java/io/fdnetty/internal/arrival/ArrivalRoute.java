package io.fdnetty.internal.arrival;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.internal.connection.LiveConnections;
import io.fdnetty.internal.connection.MovableInitializer;
import io.fdnetty.internal.listener.Listener;
import io.fdnetty.internal.listener.OpenedConnection;
import io.fdnetty.internal.protocol.ConnectionPart;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.Roles;
import io.netty.channel.Channel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where one socket of a unit comes in: at the listener that has the name of the one that accepted it, or on an event
 * loop.
 *
 * @param listener null for a connection that the server opened itself
 */
record ArrivalRoute(MovableInitializer kind, @Nullable Listener listener) {

    /**
     * Checks that the unit is of a make that is known here.
     *
     * @return an entrance for each of its parts
     * @throws IOException with the reason why there is none
     */
    static List<ArrivalRoute> of(LiveConnections connections, ConnectionUnit unit) throws IOException {
        if (unit.missingDescriptors() > 0) {
            throw new IOException(unit.missingDescriptors() + " of its descriptors did not arrive");
        }
        List<ArrivalRoute> entrances = new ArrayList<>(unit.parts().size());
        entrances.add(ofLeader(connections, unit));
        for (ConnectionPart part : unit.parts().subList(1, unit.parts().size())) {
            entrances.add(ofMember(connections, part, entrances.get(0)));
        }
        return entrances;
    }

    private static ArrivalRoute ofLeader(LiveConnections connections, ConnectionUnit unit) throws IOException {
        ConnectionPart part = unit.parts().get(0);
        MovableInitializer kind = known(connections, unit.kind());
        if (!kind.options().accepts(unit.version())) {
            throw new IOException(unit.kind() + " has version " + unit.version() + ", "
                    + kind.options().versions() + " can be taken");
        }
        String role = kind.isOutbound() ? Roles.OPENED : Roles.ACCEPTED;
        if (!part.role().equals(role)) {
            throw new IOException("its first socket has the role " + part.role() + " (expected: " + role + ')');
        }
        if (kind.isOutbound()) {
            requireNoListener(part);
            return new ArrivalRoute(kind, null);
        }
        Listener listener = connections.listenerFor(part.listener(), unit.id());
        if (listener == null) {
            throw new IOException("there is no listener " + part.listener());
        }
        return new ArrivalRoute(kind, listener);
    }

    private static ArrivalRoute ofMember(LiveConnections connections, ConnectionPart part, ArrivalRoute leader)
            throws IOException {
        if (leader.kind.isOutbound()) {
            throw new IOException("connections of the kind " + leader.kind.kind() + " have no others linked to them");
        }
        MovableInitializer kind = known(connections, part.role());
        if (!kind.isOutbound()) {
            throw new IOException("connections of the kind " + kind.kind() + " are not linked to others");
        }
        requireNoListener(part);
        return new ArrivalRoute(kind, null);
    }

    private static MovableInitializer known(LiveConnections connections, String name) throws IOException {
        MovableInitializer kind = connections.kind(name);
        if (kind == null) {
            throw new IOException("connections of the kind " + name + " are not known");
        }
        return kind;
    }

    private static void requireNoListener(ConnectionPart part) throws IOException {
        if (!part.listener().isEmpty()) {
            throw new IOException("listener " + part.listener() + " does not accept connections that the server opens");
        }
    }

    /** Takes the part's descriptor; closed if this throws. */
    Channel newChannel(ConnectionPart part) throws IOException {
        Descriptor received = part.descriptor();
        Descriptor descriptor = Descriptor.adopt(received.take(), received.name());
        return listener != null ? listener.newChild(descriptor) : OpenedConnection.adopt(descriptor);
    }
}
