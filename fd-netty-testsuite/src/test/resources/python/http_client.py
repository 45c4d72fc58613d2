"""One HTTP connection that asks again and again until SIGINT; http.client does not reconnect by itself when it is told not to.

    http_client.py PORT
"""
import http.client
import signal
import sys

stop = False


def on_interrupt(_signal, _frame):
    global stop
    stop = True


signal.signal(signal.SIGINT, on_interrupt)
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
connection.auto_open = 0
connection.connect()
local_port = connection.sock.getsockname()[1]
count = 0
while not stop:
    connection.request("GET", f"/small?{count}")
    answer = connection.getresponse()
    body = answer.read()
    if body != b"small\n":
        raise SystemExit(f"request {count} was answered with {body!r}")
    if connection.sock is None:
        raise SystemExit(f"the server ended the connection after request {count}")
    count += 1
    if count % 50 == 0:
        print(f"event=request status={answer.status} port={connection.sock.getsockname()[1]}", flush=True)
print(f"event=done requests={count} port={local_port}", flush=True)
