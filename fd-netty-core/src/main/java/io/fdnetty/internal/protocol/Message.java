package io.fdnetty.internal.protocol;

import static java.util.Objects.requireNonNull;

import io.fdnetty.fd.Descriptor;
import io.netty.buffer.ByteBuf;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCountUtil;
import java.util.List;

/**
 * What incumbent and successor say to each other. docs/protocol.md draws each one and says when it may be sent.
 *
 * <p>Those that carry something (descriptors, buffers, units) are reference-counted: the last release lets go of what
 * nobody took or retained. Writing a message to the control channel hands it over, whether the write succeeds or fails.
 * The others are plain values.
 */
public sealed interface Message {
    /** What the message is called in logs and reasons: its name in docs/protocol.md. */
    default String label() {
        return MessageType.of(this).name();
    }

    /** Lets go of what the message carries; nothing for a plain value. */
    default void discard() {
        ReferenceCountUtil.release(this);
    }

    /**
     * 1, from the successor: who it is and which protocol it speaks.
     *
     * @param descriptorsPerMessage the most descriptors that its carrier takes in one message, 1 to 253
     * @param maxPayload the longest payload that it accepts, in bytes
     */
    record Hello(
            int minVersion,
            int maxVersion,
            String application,
            String applicationVersion,
            long pid,
            int descriptorsPerMessage,
            int maxPayload)
            implements Message {
        public Hello {
            requireNonNull(application, "application");
            requireNonNull(applicationVersion, "applicationVersion");
        }
    }

    /**
     * 2, from the incumbent: the upgrade may begin. Owns the read end of the life-line, which speaks when the incumbent
     * cannot.
     */
    final class Welcome extends AbstractReferenceCounted implements Message {
        private final int version;
        private final long pid;
        private final long generation;
        private final int descriptorsPerMessage;
        private final Descriptor lifeline;

        /** Takes ownership of the life-line. */
        public Welcome(int version, long pid, long generation, int descriptorsPerMessage, Descriptor lifeline) {
            this.version = version;
            this.pid = pid;
            this.generation = generation;
            this.descriptorsPerMessage = descriptorsPerMessage;
            this.lifeline = requireNonNull(lifeline, "lifeline");
        }

        /** The chosen protocol version. */
        public int version() {
            return version;
        }

        public long pid() {
            return pid;
        }

        /** The incumbent's generation: how many upgrades led to it. The successor's is one more. */
        public long generation() {
            return generation;
        }

        /** The agreed number of descriptors in one message: the smaller of both carriers' limits. */
        public int descriptorsPerMessage() {
            return descriptorsPerMessage;
        }

        /** The read end of the life-line, still owned by this message. */
        public Descriptor lifeline() {
            return lifeline;
        }

        @Override
        protected void deallocate() {
            lifeline.close();
        }

        @Override
        public Welcome touch(Object hint) {
            return this;
        }

        @Override
        public String toString() {
            return "Welcome[version=" + version + ", pid=" + pid + ", generation=" + generation
                    + ", descriptorsPerMessage=" + descriptorsPerMessage + ']';
        }
    }

    /** 2, from the incumbent: it turns the successor away, nothing began. */
    record Refused(RefusalCode code, String reason) implements Message {
        public Refused {
            requireNonNull(code, "code");
            requireNonNull(reason, "reason");
        }
    }

    /** 3, from the incumbent: every listening socket, the control listener among them. Owns their descriptors. */
    final class Listeners extends AbstractReferenceCounted implements Message {
        private final List<ListenerInfo> all;

        /** Takes ownership of the descriptors. */
        public Listeners(List<ListenerInfo> all) {
            this.all = List.copyOf(all);
        }

        /** In the incumbent's order; the descriptors are still owned by this message. */
        public List<ListenerInfo> all() {
            return all;
        }

        @Override
        protected void deallocate() {
            all.forEach(listener -> listener.descriptor().close());
        }

        @Override
        public Listeners touch(Object hint) {
            return this;
        }

        @Override
        public String toString() {
            return "Listeners" + all;
        }
    }

    /** 4, from the incumbent: a state section begins; its chunks follow, nothing in between. */
    record StateBegin(String name, int version, boolean finalState, boolean required) implements Message {
        public StateBegin {
            requireNonNull(name, "name");
        }
    }

    /**
     * 4, from the incumbent: the next bytes of the section that has begun, at most {@link MessageLimits#CHUNK}. Owns
     * the buffer.
     */
    final class StateChunk extends AbstractReferenceCounted implements Message {
        private final ByteBuf bytes;

        /** Takes ownership of the buffer. */
        public StateChunk(ByteBuf bytes) {
            this.bytes = requireNonNull(bytes, "bytes");
        }

        /** Still owned by this message. */
        public ByteBuf bytes() {
            return bytes;
        }

        @Override
        protected void deallocate() {
            bytes.release();
        }

        @Override
        public StateChunk touch(Object hint) {
            bytes.touch(hint);
            return this;
        }

        @Override
        public String toString() {
            return "StateChunk[" + bytes.readableBytes() + " bytes]";
        }
    }

    /** 4, from the incumbent: the section is whole if it has this length and this CRC32C. */
    record StateEnd(long length, int crc32c) implements Message {}

    /**
     * 5, from the incumbent: how many live connections to expect, and which sections follow after READY.
     *
     * @param together whether COMPLETE alone acknowledges all units: all move or none
     */
    record Offer(int connections, boolean together, List<SectionInfo> finalSections) implements Message {
        public Offer {
            finalSections = List.copyOf(finalSections);
        }
    }

    /** 6, from the successor: it is set up; the incumbent may stop accepting. */
    record Ready() implements Message {}

    /** 6, from the successor: it cannot take over; nothing has changed. */
    record Failed(String reason) implements Message {
        public Failed {
            requireNonNull(reason, "reason");
        }
    }

    /** 7, from the incumbent: the successor accepts from here on. */
    record Cutover() implements Message {}

    /** 8, from the incumbent: a batch of live connections. Owns the units. */
    final class Connections extends AbstractReferenceCounted implements Message {
        private final List<ConnectionUnit> units;

        /** Takes ownership of one reference to each unit. */
        public Connections(List<ConnectionUnit> units) {
            this.units = List.copyOf(units);
        }

        /** In the order in which they were sent; still owned by this message. */
        public List<ConnectionUnit> units() {
            return units;
        }

        @Override
        protected void deallocate() {
            units.forEach(ConnectionUnit::release);
        }

        @Override
        public Connections touch(Object hint) {
            return this;
        }

        @Override
        public String toString() {
            return "Connections[" + units.size() + " units]";
        }
    }

    /** 9, from the successor: these units are its own, each with all its descriptors. */
    record Adopted(List<Long> ids) implements Message {
        public Adopted {
            ids = List.copyOf(ids);
        }
    }

    /** 9, from the successor: this unit stays the incumbent's. */
    record Rejected(long id, String reason) implements Message {
        public Rejected {
            requireNonNull(reason, "reason");
        }
    }

    /** 10, from the incumbent: every connection that can move now has been settled. */
    record Finished(long moved, long kept, long closed) implements Message {}

    /** 11, from the successor: it is the server; the incumbent may end. */
    record Complete() implements Message {}

    /** Any time, from both: the upgrade ends here. */
    record Abort(String reason) implements Message {
        public Abort {
            requireNonNull(reason, "reason");
        }
    }
}
