package io.fdnetty.examples.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;

class FamilyTest {
    /** The kernel's table shows the end of a child at once, Java's reaper thread a moment later. */
    @Test
    void aChildThatIsGoneButSeemsAliveIsWaitedFor() throws Exception {
        Process ended = new ProcessBuilder("sh", "-c", "exit 7").start();
        ended.waitFor();
        Family family = new Family("no process has this argument");
        family.add(new NotYetReaped(ended));

        assertThat(family.awaitEnd()).isEqualTo(7);
    }

    private static final class NotYetReaped extends Process {
        private final Process process;

        NotYetReaped(Process process) {
            this.process = process;
        }

        @Override
        public boolean isAlive() {
            return true;
        }

        @Override
        public long pid() {
            return process.pid();
        }

        @Override
        public int waitFor() throws InterruptedException {
            return process.waitFor();
        }

        @Override
        public int exitValue() {
            throw new IllegalThreadStateException("not yet");
        }

        @Override
        public void destroy() {
            process.destroy();
        }

        @Override
        public OutputStream getOutputStream() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public InputStream getInputStream() {
            return InputStream.nullInputStream();
        }

        @Override
        public InputStream getErrorStream() {
            return InputStream.nullInputStream();
        }
    }
}
