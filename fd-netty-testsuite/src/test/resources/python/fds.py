"""The other side of `send` and `receive`: passes and takes descriptors with nothing but the standard library.

    fds.py take SOCKET COUNT          connects, takes descriptors, reads what they hold
    fds.py pass SOCKET KIND...        listens, passes to the first peer: file=PATH, pipe=TEXT, nonblocking-pipe=TEXT,
                                      tcp-listener, tcp-connection=TEXT, many=COUNT
"""
import fcntl
import os
import socket
import stat
import sys


def say(event, **pairs):
    print(f"event={event}", *(f"{key.replace('_', '-')}={value}" for key, value in pairs.items()), flush=True)


def is_nonblocking(fd):
    return int(bool(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK))


def kind(fd):
    if not stat.S_ISSOCK(os.fstat(fd).st_mode):
        return "other"
    s = socket.socket(fileno=os.dup(fd))
    with s:
        return "listener" if s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) else "connection"


def read_all(fd):
    os.set_blocking(fd, True)
    parts = iter(lambda: os.read(fd, 65536), b"")
    return b"".join(parts)


def take(path, count):
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(path)
        fds = []
        while len(fds) < count:
            data, more, flags, _ = socket.recv_fds(peer, 1, count)
            if not data:
                break
            fds += more
            say("message", bytes=len(data), zero=int(data == b"\0"), descriptors=len(more), truncated=int(flags & socket.MSG_CTRUNC > 0))
    for fd in fds:
        what, nonblocking = kind(fd), is_nonblocking(fd)
        if what == "listener":
            say("taken", kind=what, nonblocking=nonblocking)
            with socket.socket(fileno=fd) as listener:
                listener.setblocking(True)
                connection, _ = listener.accept()
                with connection:
                    say("accepted", text=connection.recv(100).decode())
        else:
            say("taken", kind=what, nonblocking=nonblocking, text=read_all(fd).decode())
            os.close(fd)
    say("done", count=len(fds))


def make(what):
    """Descriptors, the objects that keep them open, and what to do once they are gone."""
    name, _, value = what.partition("=")
    if name == "file":
        opened = open(value, "rb")
        os.lseek(opened.fileno(), 2 if value.endswith("-at-2") else 0, os.SEEK_SET)
        return [opened.fileno()], [opened], lambda: None
    if name in ("pipe", "nonblocking-pipe"):
        read, write = os.pipe()
        os.set_blocking(read, name == "pipe")

        def end():
            os.write(write, value.encode())
            os.close(write)
        return [read], [], end
    if name == "tcp-listener":
        listener = socket.create_server(("127.0.0.1", 0))
        return [listener.fileno()], [listener], lambda: None
    if name == "tcp-connection":
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = socket.create_connection(listener.getsockname())
            server, _ = listener.accept()

        def end():
            client.sendall(value.encode())
            client.close()
        return [server.fileno()], [server, client], end
    if name == "many":
        pipes = [os.pipe() for _ in range(int(value))]

        def end():
            for _, write in pipes:
                os.write(write, b"x")
                os.close(write)
        return [read for read, _ in pipes], [], end
    raise SystemExit(f"unknown kind {what}")


def pass_on(path, kinds):
    made = [make(kind) for kind in kinds]
    fds = [fd for part in made for fd in part[0]]
    before = [is_nonblocking(fd) for fd in fds]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        say("listening")
        peer, _ = listener.accept()
        with peer:
            sent = socket.send_fds(peer, [b"\0"], fds)
            for part in made:
                part[2]()
            peer.shutdown(socket.SHUT_WR)
            peer.recv(1)  # until it closes
            say("passed", bytes=sent, descriptors=len(fds), flags_kept=int(before == [is_nonblocking(fd) for fd in fds]))


if __name__ == "__main__":
    command, path, *rest = sys.argv[1:]
    take(path, int(rest[0])) if command == "take" else pass_on(path, rest)
