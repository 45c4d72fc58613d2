package io.fdnetty.internal.protocol;

import java.util.Objects;

/**
 * Announces a state section that will be sent after READY, so that a successor that cannot read it refuses before.
 *
 * @param name 1 to 255 bytes of UTF-8
 * @param version the author's version of the section, at least 0
 * @param required whether a successor that does not know this section must refuse
 */
public record SectionInfo(String name, int version, boolean required) {
    public SectionInfo {
        Objects.requireNonNull(name, "name");
    }
}
