"""What goes wrong around an upgrade when something runs out, with nothing but the standard library.

    limits.py flood COUNT KEEP        keeps COUNT descriptors of its user in flight, and KEEP of them from SIGUSR1 on
    limits.py crawl SOCKET PHASE      a successor of the application "state" that reads a byte each second from the phase on: state, connections
    limits.py unread COMMAND...       runs a command whose standard output is a full pipe that nobody reads
"""
import os
import signal
import socket
import struct
import subprocess
import sys
import time

HELLO, WELCOME, OFFER, READY = 1, 2, 8, 9


def say(event, **pairs):
    print(f"event={event}", *(f"{key.replace('_', '-')}={value}" for key, value in pairs.items()), flush=True)


def flood(count, keep):
    null = os.open("/dev/null", os.O_RDONLY)
    pairs = []

    def send(number):
        pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        socket.send_fds(pair[0], [b"x"], [null] * number)
        pairs.append((number, pair))

    def release(*_):
        while sum(number for number, _ in pairs) > keep:
            _, pair = pairs.pop()
            for end in pair:
                end.close()
        say("released", left=sum(number for number, _ in pairs))

    signal.signal(signal.SIGUSR1, release)
    for _ in range(count // 10):
        send(10)
    say("flooded", count=count)
    while True:
        signal.pause()


def text(value):
    return struct.pack(">H", len(value)) + value.encode()


def frame(kind, payload=b""):
    return struct.pack(">BBHI", kind, 0, 0, len(payload)) + payload


class Peer:
    """Reads frames; each descriptor comes with a byte of its own behind the payload."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)

    def exactly(self, length):
        data = b""
        while len(data) < length:
            more = self.socket.recv(length - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def read(self):
        kind, _, descriptors, length = struct.unpack(">BBHI", self.exactly(8))
        self.exactly(length)
        for _ in range(descriptors):
            _, fds, _, _ = socket.recv_fds(self.socket, 1, 1)
            if kind != WELCOME:  # the life-line is kept
                for fd in fds:
                    os.close(fd)
        return kind


def crawl(path, phase):
    peer = Peer(path)
    hello = struct.pack(">HH", 1, 1) + text("state") + text("slow") + struct.pack(">QHI", os.getpid(), 1, 1 << 25)
    peer.socket.sendall(frame(HELLO, hello))
    if phase == "connections":
        while peer.read() != OFFER:
            pass
        peer.socket.sendall(frame(READY))
    say("crawls")
    taken = 0
    try:
        while True:
            peer.exactly(1)
            taken += 1
            time.sleep(1)
    except (EOFError, ConnectionError):
        say("cut-off", bytes=taken)


def unread(command):
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while True:
            os.write(write, b"." * 512)
    except BlockingIOError:
        os.set_blocking(write, True)
    child = subprocess.Popen(command, stdout=write)
    os.close(write)
    signal.signal(signal.SIGTERM, lambda *_: child.kill())
    say("started", pid=child.pid)
    say("ended", status=child.wait())
    os.close(read)


if __name__ == "__main__":
    if sys.argv[1] == "flood":
        flood(int(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1] == "crawl":
        crawl(sys.argv[2], sys.argv[3])
    else:
        unread(sys.argv[2:])
