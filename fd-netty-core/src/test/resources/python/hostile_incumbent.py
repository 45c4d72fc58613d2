"""An incumbent that speaks the hand-over protocol and passes descriptors of hostile kinds.

Each line of standard input names a control socket to listen on, a place for the descriptor and its kind. The answer is one line: what the
successor said, message by message. After "silent" the incumbent waits for one more line before it dies.
"""
import os
import select
import socket
import struct
import sys
import tempfile

PLACES = ("lifeline", "silent", "listener", "control", "connection")
HEADER = struct.Struct(">BBHI")
NAMES = {1: "HELLO", 9: "READY", 10: "FAILED", 13: "ADOPTED", 14: "REJECTED", 16: "COMPLETE", 17: "ABORT"}
LIMIT = 10


def text(value):
    data = value.encode()
    return struct.pack(">H", len(data)) + data


def send(peer, number, payload=b"", fds=()):
    try:
        peer.sendall(HEADER.pack(number, 0, len(fds), len(payload)) + payload)
        for fd in fds:
            socket.send_fds(peer, [b"\0"], [fd])
    except BrokenPipeError:
        pass  # it refused what was sent before: its answer is still to be read


def receive(peer):
    """The next message, None at the end."""
    data = b""
    while len(data) < HEADER.size:
        more = peer.recv(HEADER.size - len(data))
        if not more:
            return None
        data += more
    number, _, _, length = HEADER.unpack(data)
    payload = b""
    while len(payload) < length:
        payload += peer.recv(length - len(payload))
    return number, payload


def say(message):
    number, payload = message
    name = NAMES.get(number, str(number))
    if name == "ADOPTED":
        return name + " " + " ".join(map(str, struct.unpack(">%dQ" % struct.unpack(">I", payload[:4]), payload[4:])))
    if name == "REJECTED":
        return "%s %d %s" % (name, struct.unpack(">Q", payload[:8])[0], payload[10:].decode())
    return name + " " + payload[2:].decode("ascii", "replace") if name in ("FAILED", "ABORT") else name


class Things:
    """Open descriptors of every kind; all are closed again at the end."""

    def __init__(self, peer):
        self.peer = peer
        self.held = []

    def keep(self, thing):
        self.held.append(thing)
        return thing

    def tcp_listener(self):
        listener = self.keep(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        return listener

    def connection(self):
        listener = self.tcp_listener()
        self.client = self.keep(socket.create_connection(listener.getsockname()))
        self.client.settimeout(LIMIT)
        return self.keep(listener.accept()[0])

    def circle(self):
        """A socket whose own end waits in its own queue."""
        one, other = socket.socketpair()
        self.keep(one)
        self.keep(other)
        socket.send_fds(one, [b"x"], [other.fileno()])
        socket.send_fds(other, [b"x"], [one.fileno(), other.fileno()])
        return one

    def make(self, kind):
        if kind == "pipe":
            ends = os.pipe()  # it blocks
            self.held.extend(ends)
            return ends[0]
        if kind == "write-end":
            ends = os.pipe()
            self.held.extend(ends)
            return ends[1]
        if kind == "fifo":
            path = os.path.join(tempfile.mkdtemp(), "fifo")
            os.mkfifo(path)
            fifo = self.keep(os.open(path, os.O_RDWR))
            os.unlink(path)
            os.rmdir(os.path.dirname(path))
            return fifo
        if kind == "directory":
            return self.keep(os.open("/", os.O_RDONLY))
        if kind == "zero":
            return self.keep(os.open("/dev/zero", os.O_RDWR))
        if kind == "file":
            return self.keep(tempfile.TemporaryFile()).fileno()
        if kind == "path":
            return self.keep(os.open("/", os.O_PATH))
        if kind == "epoll":
            return self.keep(select.epoll()).fileno()
        if kind == "memory":
            return self.keep(os.memfd_create("memory"))
        if kind == "control":
            return self.peer.fileno()
        if kind == "circle":
            return self.circle().fileno()
        if kind == "tcp-listener":
            return self.tcp_listener().fileno()
        if kind == "tcp-connection":
            return self.connection().fileno()
        if kind == "unconnected":
            return self.keep(socket.socket()).fileno()
        if kind == "udp":
            udp = self.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            udp.bind(("127.0.0.1", 0))
            return udp.fileno()
        if kind == "seqpacket":
            pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self.held.extend(pair)
            return pair[0].fileno()
        if kind == "netlink":
            return self.keep(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)).fileno()
        raise ValueError(kind)

    def close(self):
        for thing in self.held:
            if isinstance(thing, int):
                os.close(thing)
            else:
                thing.close()


def listeners(peer, tcp, control):
    payload = struct.pack(">H", 2)
    payload += text("echo") + b"\0" + text("?") + b"\0"
    payload += text("control") + (b"\0" if control[1] else b"\2") + text("?") + b"\1"
    send(peer, 4, payload, [tcp, control[0]])


def unit(number):
    part = text("accepted") + text("echo") + b"\0" + struct.pack(">II", 0, 0) + b"\0"
    return struct.pack(">Q", number) + text("echo") + struct.pack(">iQB", 1, 0, 1) + part


def serve(listener, place, kind):
    peer, _ = listener.accept()
    peer.settimeout(LIMIT)
    things = Things(peer)
    said = []
    lifeline = os.pipe()
    try:
        receive(peer)
        line = things.make(kind) if place == "lifeline" else lifeline[0]
        send(peer, 2, struct.pack(">HQQH", 1, os.getpid(), 1, 1), [line])
        if place == "silent":  # the blocking pipe is open, and says nothing
            peer.shutdown(socket.SHUT_RDWR)
            sys.stdin.readline()
        if place in ("listener", "control", "connection"):
            tcp = things.make(kind) if place == "listener" else things.tcp_listener().fileno()
            control = things.make(kind) if place == "control" else listener.fileno()
            listeners(peer, tcp, (control, place == "control" and kind == "tcp-listener"))
            send(peer, 8, struct.pack(">IBH", 1, 0, 0))
        while True:
            message = receive(peer)
            if message is None:
                break
            said.append(say(message))
            if message[0] == 9:
                kinds = kind.split(",")
                send(peer, 11)
                payload = struct.pack(">H", len(kinds)) + b"".join(unit(i) for i in range(len(kinds)))
                send(peer, 12, payload, [things.make(each) for each in kinds])
            elif message[0] == 13:
                send(peer, 15, struct.pack(">QQQ", 1, 0, 0))
                things.client.sendall(b"\0\0\0\5hello")
                said.append("ECHO " + things.client.recv(9, socket.MSG_WAITALL)[4:].decode())
            elif message[0] == 16:
                break
    except (ConnectionError, BrokenPipeError) as error:
        said.append(type(error).__name__)
    finally:
        things.close()
        peer.close()
        os.close(lifeline[0])
        os.close(lifeline[1])
    return "; ".join(said)


for line in sys.stdin:
    path, where, what = line.split()
    assert where in PLACES, where
    with socket.socket(socket.AF_UNIX) as entrance:
        entrance.bind(path)
        entrance.listen(8)
        print("listening", flush=True)
        print(serve(entrance, where, what), flush=True)
