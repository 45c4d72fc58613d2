package io.fdnetty.examples.proxy;

/** What the connections of one event loop share. */
record LoopState(LoopTimer timer, BackendPool pool) {}
