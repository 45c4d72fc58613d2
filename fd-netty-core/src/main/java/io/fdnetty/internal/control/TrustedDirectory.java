package io.fdnetty.internal.control;

import static java.util.Objects.requireNonNull;

import io.fdnetty.UpgradeException;
import io.fdnetty.UpgradeStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;

/**
 * The way to a directory, gone step by step as the kernel goes it: nobody but this user and root can change where it
 * leads.
 *
 * <p>Every directory in which a name is looked up belongs to this user, to root or to the owner of {@code /}, and
 * nobody else can write to it; where others can (a sticky directory such as {@code /tmp}), what the name stands for
 * belongs to one of these three. A symbolic link is followed under the same rules. So there is no race to win between
 * this check and a later use of the path. Blocks on the file system; for one thread.
 *
 * <p>Source: path_resolution(7), and inode(7) on the sticky bit.
 */
final class TrustedDirectory {
    private static final int GROUP_OR_OTHERS_WRITE = 0022;
    private static final int PERMISSIONS = 07777;
    private static final int STICKY = 01000;
    private static final int FILE_TYPE = 0170000;
    private static final int DIRECTORY = 0040000;
    private static final int LINK = 0120000;
    private static final int ROOT = 0;
    private static final int MOST_LINKS = 40;

    private final int uid;
    private final int owner;
    private final Deque<Path> ahead = new ArrayDeque<>();
    private final Path root;
    private Path at;
    private int links;

    private TrustedDirectory(Path absolute, int uid) throws IOException {
        this.uid = uid;
        this.root = requireNonNull(absolute.getRoot());
        this.owner = Entry.at(root).uid;
        this.at = root;
        goOnWith(absolute);
    }

    /**
     * Goes the way to an absolute path.
     *
     * @param uid this process's user
     * @return the directory itself, without symbolic links
     * @throws UpgradeException step {@code path}, if there is no such directory or somebody else could replace or write
     *     to it
     */
    static Path at(Path absolute, int uid) throws UpgradeException {
        try {
            return new TrustedDirectory(absolute, uid).walk();
        } catch (NoSuchFileException e) {
            throw new UpgradeException(
                    UpgradeStep.PATH,
                    "the directory of the control socket does not exist; create it: mkdir -m 700 " + absolute,
                    e);
        } catch (UpgradeException e) {
            throw e;
        } catch (IOException e) {
            throw new UpgradeException(UpgradeStep.PATH, "the directory " + absolute + " cannot be opened: " + e, e);
        }
    }

    private Path walk() throws IOException {
        while (!ahead.isEmpty()) {
            Entry here = Entry.at(at);
            checkPassage(here);
            step(here, ahead.remove());
        }
        checkEnd(Entry.at(at));
        return at;
    }

    private void step(Entry here, Path name) throws IOException {
        Path next = at.resolve(name).normalize();
        Entry entry = Entry.at(next);
        if (here.isWritable() && !isTrusted(entry.uid)) {
            throw new UpgradeException(
                    UpgradeStep.PATH,
                    next + " belongs to uid " + entry.uid + ", who can replace it: put the control socket elsewhere");
        }
        if (entry.is(LINK)) {
            follow(next);
        } else if (entry.is(DIRECTORY)) {
            at = next;
        } else {
            throw new UpgradeException(UpgradeStep.PATH, next + " is not a directory");
        }
    }

    private void follow(Path link) throws IOException {
        links++;
        if (links > MOST_LINKS) {
            throw new UpgradeException(UpgradeStep.PATH, link + " is one symbolic link too many");
        }
        Path target = Files.readSymbolicLink(link);
        if (target.isAbsolute()) {
            at = root;
        }
        goOnWith(target);
    }

    private void goOnWith(Path path) {
        for (int i = path.getNameCount() - 1; i >= 0; i--) {
            ahead.addFirst(path.getName(i));
        }
    }

    private void checkPassage(Entry here) throws UpgradeException {
        if (!isTrusted(here.uid)) {
            throw new UpgradeException(
                    UpgradeStep.PATH,
                    at + " belongs to uid " + here.uid
                            + ", who can rename what lies in it: put the control socket elsewhere");
        }
        if (here.isWritable() && (here.mode & STICKY) == 0) {
            throw new UpgradeException(
                    UpgradeStep.PATH,
                    "other users can rename what lies in " + at + " (mode " + here.permissions()
                            + "): put the control socket elsewhere");
        }
    }

    private boolean isTrusted(int user) {
        return user == ROOT || user == uid || user == owner;
    }

    private void checkEnd(Entry directory) throws UpgradeException {
        if (directory.isWritable()) {
            throw new UpgradeException(
                    UpgradeStep.PATH,
                    "other users can write to " + at + " (mode " + directory.permissions()
                            + "): put the control socket into a directory that only you can write, such as:"
                            + " mkdir -m 700 "
                            + at.resolve("fdnetty"));
        }
        if (directory.uid != ROOT && directory.uid != uid) {
            throw new UpgradeException(
                    UpgradeStep.PATH,
                    "the directory " + at + " belongs to uid " + directory.uid + ", not to this process's uid " + uid);
        }
    }

    /** What lies under a name, itself and not what it points to. */
    private record Entry(int mode, int uid) {
        static Entry at(Path path) throws IOException {
            Map<String, Object> attributes = Files.readAttributes(path, "unix:mode,uid", LinkOption.NOFOLLOW_LINKS);
            return new Entry(
                    (Integer) requireNonNull(attributes.get("mode")), (Integer) requireNonNull(attributes.get("uid")));
        }

        boolean is(int type) {
            return (mode & FILE_TYPE) == type;
        }

        boolean isWritable() {
            return (mode & GROUP_OR_OTHERS_WRITE) != 0;
        }

        String permissions() {
            return Integer.toOctalString(mode & PERMISSIONS);
        }
    }
}
