package io.fdnetty.internal.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fdnetty.EchoServer;
import io.fdnetty.UpgradeException;
import io.fdnetty.UpgradeStep;
import io.fdnetty.Upgrader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nobody but this user and root can change where the path of the control socket leads: neither before it is checked nor
 * afterwards.
 */
class ControlPathTest {
    private static final int NOBODY = 65534;

    @TempDir
    Path directory;

    private Path home;

    @BeforeEach
    void makeHome() throws IOException {
        directory = directory.toRealPath();
        home = Files.createDirectory(directory.resolve("home"));
        mode(home, "rwx------");
    }

    private static void mode(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    private static void stickyForAll(Path path) throws IOException {
        Files.setAttribute(path, "unix:mode", 01777);
    }

    private static void give(Path path, int uid) throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can give something away");
        Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
    }

    private static void assertRefused(Path socket, String reason) {
        assertThatThrownBy(() -> ControlPath.at(socket))
                .isInstanceOfSatisfying(
                        UpgradeException.class, e -> assertThat(e.step()).isEqualTo(UpgradeStep.PATH))
                .hasMessageContaining(reason);
    }

    @Test
    void aDirectoryOfThisUsersIsTaken() throws Exception {
        assertThat(ControlPath.at(home.resolve("s")).socket()).isEqualTo(home.resolve("s"));
    }

    @Test
    void aDirectoryThatOthersCanWriteToIsRefused() throws Exception {
        mode(home, "rwxrwxrwx");
        assertRefused(home.resolve("s"), "other users can write to " + home + " (mode 777)");
        mode(home, "rwxrwx---");
        assertRefused(home.resolve("s"), "(mode 770)");
        stickyForAll(home);
        assertRefused(home.resolve("s"), "(mode 1777)");
    }

    @Test
    void aDirectoryOfAnotherUsersIsRefused() throws Exception {
        give(home, NOBODY);
        assertRefused(home.resolve("s"), home + " belongs to uid " + NOBODY);
    }

    @Test
    void aDirectoryThatDoesNotExistIsNamed() {
        assertRefused(home.resolve("x/s"), "create it: mkdir -m 700 " + home.resolve("x"));
    }

    /** The kernel's sun_path has 108 bytes, one of them for the terminating zero. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aPathOf107BytesWorksAndOneOf108IsRefused() throws Exception {
        Path longest = home.resolve("s".repeat(107 - home.toString().length() - 1));
        try (EchoServer first = EchoServer.start(longest, UnaryOperator.identity());
                EchoServer second = EchoServer.start(longest, UnaryOperator.identity())) {
            first.upgrader.handedOver().toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertThat(second.upgrader.tookOver()).isTrue();
        }
        assertRefused(longest.resolveSibling(longest.getFileName() + "s"), "has 108 bytes, at most 107 work");
    }

    /** Its owner could put another directory in the place of the one that was checked. */
    @Test
    void aDirectoryAboveThatBelongsToAnotherUserIsRefused() throws Exception {
        Path mine = Files.createDirectory(home.resolve("mine"));
        give(home, NOBODY);
        assertRefused(mine.resolve("s"), "belongs to uid " + NOBODY + ", who can rename what lies in it");
    }

    @Test
    void aDirectoryAboveThatOthersCanWriteToIsRefusedUnlessItIsSticky() throws Exception {
        Path mine = Files.createDirectory(home.resolve("mine"));
        mode(mine, "rwx------");
        mode(home, "rwxrwx---");
        assertRefused(mine.resolve("s"), "other users can rename what lies in " + home);
        stickyForAll(home);
        assertThat(ControlPath.at(mine.resolve("s")).socket()).isEqualTo(mine.resolve("s"));
    }

    @Test
    void whatAnotherUserPutIntoAStickyDirectoryIsRefused() throws Exception {
        Path theirs = Files.createDirectory(home.resolve("theirs"));
        stickyForAll(home);
        give(theirs, NOBODY);
        assertRefused(theirs.resolve("s"), theirs + " belongs to uid " + NOBODY + ", who can replace it");
    }

    /** As /var/run is one to /run. */
    @Test
    void aLinkOfThisUsersIsFollowed() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("home/../home"));
        assertThat(ControlPath.at(link.resolve("s")).socket()).isEqualTo(home.resolve("s"));
        Path absolute = Files.createSymbolicLink(directory.resolve("absolute"), link);
        assertThat(ControlPath.at(absolute.resolve("s")).socket()).isEqualTo(home.resolve("s"));
    }

    @Test
    void aLinkIntoADirectoryThatIsNotSafeIsRefused() throws Exception {
        Path open = Files.createDirectory(directory.resolve("open"));
        Path mine = Files.createDirectory(open.resolve("mine"));
        mode(open, "rwxrwxrwx");
        Path link = Files.createSymbolicLink(home.resolve("link"), mine);
        assertRefused(link.resolve("s"), "other users can rename what lies in " + open);
    }

    @Test
    void aLinkOfAnotherUsersIsRefused() throws Exception {
        Path open = Files.createDirectory(directory.resolve("open"));
        stickyForAll(open);
        Path link = Files.createSymbolicLink(open.resolve("link"), home);
        give(link, NOBODY);
        assertRefused(link.resolve("s"), link + " belongs to uid " + NOBODY + ", who can replace it");
    }

    @Test
    void linksInACircleEnd() throws Exception {
        Path link = Files.createSymbolicLink(home.resolve("link"), home.resolve("link"));
        assertRefused(link.resolve("s"), "one symbolic link too many");
    }

    /** Only this user and root can do it; then the server stays where it was checked. */
    @Test
    void aLinkThatIsSwappedAfterTheCheckLeadsNowhereElse() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), home);
        ControlPath place = ControlPath.at(link.resolve("s"));
        Path other = Files.createDirectory(directory.resolve("other"));
        Files.delete(link);
        Files.createSymbolicLink(link, other);
        try (ControlPath.StartLock lock = place.tryLock()) {
            assertThat(lock).isNotNull();
        }
        assertThat(home.resolve("s.lock")).exists();
        assertThat(other).isEmptyDirectory();
    }

    @Test
    void aLinkAtThePathOfTheSocketIsNotFollowed() throws Exception {
        Path elsewhere = directory.resolve("elsewhere");
        try (ServerSocketChannel live = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            live.bind(UnixDomainSocketAddress.of(elsewhere));
            Path link = Files.createSymbolicLink(home.resolve("s"), elsewhere);
            assertRefused(link, link + " exists and is not a socket but a symbolic link");
        }
    }

    @Test
    void whatIsNoSocketIsNotRemoved() throws Exception {
        Path file = Files.writeString(home.resolve("s"), "precious");
        assertRefused(file, file + " exists and is not a socket");
        assertThat(file).hasContent("precious");
    }

    @Test
    void aLockFileThatIsALinkIsNotFollowed() throws Exception {
        Path precious = Files.writeString(directory.resolve("precious"), "precious");
        Files.createSymbolicLink(home.resolve("s.lock"), precious);
        ControlPath place = ControlPath.at(home.resolve("s"));
        assertThatThrownBy(place::tryLock)
                .isInstanceOf(UpgradeException.class)
                .hasMessageContaining("s.lock cannot be opened");
    }

    /** They have no owner and no mode: everybody can take one. */
    @Test
    void thereAreNoAbstractNames() throws Exception {
        assertThatThrownBy(() -> Upgrader.builder(Path.of("\0fd-netty"))).isInstanceOf(InvalidPathException.class);
        assertThat(ControlPath.at(home.resolve("@fd-netty")).socket()).isEqualTo(home.resolve("@fd-netty"));
    }

    @Test
    void theSocketAndTheLockAreTheOwnersAlone() throws Exception {
        Path socket = home.resolve("s");
        try (EchoServer server = EchoServer.start(socket, UnaryOperator.identity())) {
            assertThat(server.upgrader.tookOver()).isFalse();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("s.lock"))))
                    .isEqualTo("rw-------");
        }
    }
}
