package io.fdnetty.fuzz;

import io.fdnetty.fd.SocketKind;
import io.fdnetty.internal.protocol.ConnectionPart;
import io.fdnetty.internal.protocol.ConnectionUnit;
import io.fdnetty.internal.protocol.ListenerInfo;
import io.fdnetty.internal.protocol.Message;
import io.fdnetty.internal.protocol.RefusalCode;
import io.fdnetty.internal.protocol.SectionInfo;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/** What an arbitrary peer may say: any message, with small numbers and few names, so that some of them fit. */
final class PeerMessages {
    private static final String[] SECTIONS = {"rooms", "users", "x"};
    private static final RefusalCode[] CODES = RefusalCode.values();

    private final FuzzInput input;
    private final Tokens tokens;

    PeerMessages(FuzzInput input, Tokens tokens) {
        this.input = input;
        this.tokens = tokens;
    }

    Message next(int type) {
        return switch (type % 17) {
            case 0 ->
                new Message.Hello(
                        input.below(3), input.below(3), input.flag() ? "app" : "x", "", 7, 1 + input.below(4), 100);
            case 1 -> new Message.Welcome(input.below(3), 1, 1, 1, tokens.next());
            case 2 -> new Message.Refused(CODES[input.below(CODES.length)], "why");
            case 3 -> listeners();
            case 4 -> new Message.StateBegin(section(), 1, input.flag(), input.flag());
            case 5 -> new Message.StateChunk(Unpooled.wrappedBuffer(new byte[input.below(4)]));
            case 6 -> new Message.StateEnd(input.below(8), 0);
            case 7 -> offer();
            case 8 -> new Message.Ready();
            case 9 -> new Message.Failed("why");
            case 10 -> new Message.Cutover();
            case 11 -> connections();
            case 12 -> new Message.Adopted(ids());
            case 13 -> new Message.Rejected(input.below(8), "why");
            case 14 -> new Message.Finished(input.below(8), 1, 1);
            case 15 -> new Message.Complete();
            default -> new Message.Abort("why");
        };
    }

    private String section() {
        return SECTIONS[input.below(SECTIONS.length)];
    }

    private Message listeners() {
        List<ListenerInfo> all = new ArrayList<>();
        for (int i = input.below(4); i > 0; i--) {
            all.add(new ListenerInfo("l", SocketKind.TCP_LISTENER, "", tokens.next(), input.below(2)));
        }
        return new Message.Listeners(all);
    }

    private Message offer() {
        List<SectionInfo> sections = new ArrayList<>();
        for (int i = input.below(4); i > 0; i--) {
            sections.add(new SectionInfo(section(), 1, input.flag()));
        }
        int connections = input.u8();
        return new Message.Offer(connections, connections >= 128, sections);
    }

    private Message connections() {
        List<ConnectionUnit> units = new ArrayList<>();
        for (Long id : ids()) {
            ConnectionPart part = new ConnectionPart(
                    "accepted", "l", tokens.next(), 0, Unpooled.EMPTY_BUFFER, Unpooled.EMPTY_BUFFER, List.of());
            units.add(new ConnectionUnit(id, "kind", 1, 0, List.of(part)));
        }
        return new Message.Connections(units);
    }

    private List<Long> ids() {
        List<Long> ids = new ArrayList<>();
        for (int i = input.below(5); i > 0; i--) {
            ids.add((long) input.below(8));
        }
        return ids;
    }
}
