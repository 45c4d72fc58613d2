package io.fdnetty.internal.listener;

import io.fdnetty.fd.Descriptor;
import io.fdnetty.fd.SocketKind;

/**
 * A descriptor that came from the predecessor.
 *
 * <p>Who holds it owns the descriptor.
 *
 * @param name the name that the predecessor's author gave it
 * @param kind what the kernel says it is
 * @param address what the predecessor said it is bound to, for messages
 * @param descriptor the descriptor itself
 */
public record InheritedSocket(String name, SocketKind kind, String address, Descriptor descriptor) {
    String label() {
        return name + " (" + kind + (address.isEmpty() ? "" : " " + address) + ")";
    }
}
