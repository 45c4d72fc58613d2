package io.fdnetty;

import io.fdnetty.adoption.Listeners;
import io.fdnetty.migration.LiveConnections;
import io.netty.channel.EventLoop;
import java.util.concurrent.Executor;

/**
 * What the parts of one server's upgrader share.
 *
 * @param control the one event loop of the control socket; the state of every upgrade lives on it
 * @param stateExecutor runs the author's state sections, one at a time
 */
record ServerContext(
        UpgradeSettings settings,
        StateSections sections,
        UpgradeEvents events,
        Rendezvous rendezvous,
        ControlSocket socket,
        EventLoop control,
        Executor stateExecutor,
        Listeners listeners,
        LiveConnections live) {}
