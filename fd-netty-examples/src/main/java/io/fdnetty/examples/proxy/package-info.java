/**
 * A reverse proxy whose connections survive its upgrades: raw TCP pairs move at any time, HTTP connections between
 * requests.
 */
@NullMarked
package io.fdnetty.examples.proxy;

import org.jspecify.annotations.NullMarked;
