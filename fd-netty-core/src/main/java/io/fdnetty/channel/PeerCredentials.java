package io.fdnetty.channel;

/**
 * Who is at the other end, as the kernel recorded it when the connection was made.
 *
 * @param pid the process, or 0 if the platform does not tell
 * @param uid its effective user
 * @param gid its effective group
 */
public record PeerCredentials(int pid, int uid, int gid) {}
