package io.fdnetty.internal.gate;

import io.netty.channel.ChannelHandler;

/** Marks a handler of this library that stands in an author's pipeline for a while because of a move, or as a guard. */
public interface OwnHandler extends ChannelHandler {}
