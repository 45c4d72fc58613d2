package io.fdnetty.internal.control;

import io.netty.channel.EventLoop;

/**
 * Where a server and those who want to follow it talk.
 *
 * @param path of the control socket
 * @param socket opens both of its ends
 * @param reserve descriptors for upgrades at the limit of open files
 * @param loop the one event loop of the control socket; the state of every upgrade lives on it
 */
public record ControlPoint(ControlPath path, ControlSocket socket, DescriptorReserve reserve, EventLoop loop) {}
