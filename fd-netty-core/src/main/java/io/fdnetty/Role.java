package io.fdnetty;

/** What a process is in an upgrade. */
public enum Role {
    /** It served first, and hands over. */
    INCUMBENT("incumbent"),
    /** It was started later, and takes over. */
    SUCCESSOR("successor"),
    /** It was started where nobody served: its only report is that of its start. */
    COLD_START("cold");

    private final String label;

    Role(String label) {
        this.label = label;
    }

    /** What logs and Flight Recorder events call it. */
    public String label() {
        return label;
    }

    @Override
    public String toString() {
        return label;
    }
}
