package io.fdnetty.internal.machine;

import io.fdnetty.internal.protocol.Message;
import io.fdnetty.internal.protocol.MessageLimits;
import io.fdnetty.internal.protocol.SectionInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which state sections a successor has begun to receive, and which it still expects. The checks return what is wrong,
 * or null.
 */
final class SectionLedger {
    private final Map<String, SectionInfo> expected = new LinkedHashMap<>();
    private final Set<String> snapshots = new LinkedHashSet<>();
    private final Set<String> unusable = new LinkedHashSet<>();
    private Message.@Nullable StateBegin open;
    private long received;
    private boolean offered;

    @Nullable
    String begin(Message.StateBegin begin) {
        if (open != null) {
            return "section \"" + begin.name() + "\" begins inside section \"" + open.name() + '"';
        }
        if (begin.finalState() != offered) {
            return "section \"" + begin.name() + "\" is " + (offered ? "not final after" : "final before") + " OFFER";
        }
        if (offered && !begin.equals(announcedAs(begin.name()))) {
            return "final section \"" + begin.name() + "\" was not announced like this, or is sent twice";
        }
        if (!offered && snapshots.size() == MessageLimits.SECTIONS) {
            return "more than " + MessageLimits.SECTIONS + " sections";
        }
        if (!offered && !snapshots.add(begin.name())) {
            return "section \"" + begin.name() + "\" is sent twice";
        }
        open = begin;
        received = 0;
        return null;
    }

    private Message.@Nullable StateBegin announcedAs(String name) {
        SectionInfo info = expected.get(name);
        return info == null ? null : new Message.StateBegin(name, info.version(), true, info.required());
    }

    @Nullable
    String chunk(int bytes) {
        if (open == null || bytes == 0) {
            return open == null ? "a chunk outside of a section" : "an empty chunk of section \"" + open.name() + '"';
        }
        received += bytes;
        return null;
    }

    @Nullable
    String end(Message.StateEnd end) {
        if (open == null) {
            return "the end of a section that has not begun";
        }
        if (end.length() != received) {
            return "section \"" + open.name() + "\" has " + received + " bytes, its end says " + end.length();
        }
        expected.remove(open.name());
        open = null;
        return null;
    }

    @Nullable
    String offer(Message.Offer offer) {
        if (open != null) {
            return "OFFER inside section \"" + open.name() + '"';
        }
        for (SectionInfo section : offer.finalSections()) {
            if (expected.put(section.name(), section) != null) {
                return "OFFER announces section \"" + section.name() + "\" twice";
            }
        }
        offered = true;
        return null;
    }

    @Nullable
    String cutover() {
        return open != null || !expected.isEmpty() ? "CUTOVER while these sections are not whole: " + missing() : null;
    }

    /** It came and cannot be used. */
    void unusable(String name) {
        unusable.add(name);
    }

    /** Begun, announced or received, and not here as a whole. */
    List<String> missing() {
        List<String> names = new ArrayList<>(unusable);
        expected.keySet().stream().filter(name -> !names.contains(name)).forEach(names::add);
        if (open != null && !names.contains(open.name())) {
            names.add(open.name());
        }
        return names;
    }

    /** Whether all that comes before READY is here. */
    boolean isOffered() {
        return offered;
    }
}
