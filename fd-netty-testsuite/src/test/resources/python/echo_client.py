"""One client of the echo server, in a few lines of another language: asks and compares until SIGINT.

    echo_client.py PORT
"""
import os
import signal
import socket
import struct
import sys

EVERY = 200

stop = False


def on_interrupt(_signal, _frame):
    global stop
    stop = True


def receive(connection, size):
    parts = []
    while size:
        part = connection.recv(size)
        if not part:
            raise SystemExit("the server closed the connection")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


signal.signal(signal.SIGINT, on_interrupt)
count = 0
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
    while not stop:
        body = os.urandom(count * 37 % 3000)
        frame = struct.pack(">I", len(body)) + body
        connection.sendall(frame)
        if receive(connection, len(frame)) != frame:
            raise SystemExit(f"frame {count} came back changed")
        count += 1
        if count % EVERY == 0:
            print(f"event=progress frames={count}", flush=True)
print(f"event=done frames={count}", flush=True)
