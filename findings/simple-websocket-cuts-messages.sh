#!/usr/bin/env bash
# package    simple-websocket 1.1.0 (PyPI), which flask-sock uses, on gunicorn 23.0.0 with gevent 26.9.0
# behaviour  simple-websocket gives a frame to socket.send() once, and does not look at how much of it was taken. A blocking
#            socket takes all; one of gevent takes what fits into the buffer. What follows is lost without an error, and the
#            next frame is read as a part of this one. A long conversation, sent to a dashboard whose reader is slow, is cut.
# expected   All 16,000,000 bytes of a message arrive, as they do on gunicorn's threads.
# seen       The header announces 16,000,000 bytes; fewer arrive, however long the reader waits.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
server=
trap '[[ -z $server ]] || { kill "$server"; wait "$server"; } 2>/dev/null || :; rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check \
  simple-websocket==1.1.0 flask-sock==0.7.0 flask==3.1.3 werkzeug==3.1.9 gunicorn==23.0.0 gevent==26.9.0 >&2

cat >"$place/shop.py" <<'PY'
from flask import Flask
from flask_sock import Sock

app = Flask(__name__)


@Sock(app).route("/orders")
def orders(connection):
    connection.send(bytes(16_000_000))
    connection.receive()
PY
cat >"$place/reader.py" <<'PY'
import socket, sys, time

reader = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
reader.sendall(
    b"GET /orders HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
time.sleep(2)  # a reader that is slow
reader.settimeout(5)  # nothing for so long means that nothing follows
stream = reader.makefile("rb")
while stream.readline() != b"\r\n":
    pass
announced, arrived = int.from_bytes(stream.read(10)[2:], "big"), 0
try:
    while arrived < announced:
        arrived += len(stream.read1(1 << 16))
except TimeoutError:
    pass
print("all" if arrived == announced else "fewer", "of", announced)
PY
arrived() { # the kind of worker
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  "$place/venv/bin/gunicorn" --chdir "$place" --bind "127.0.0.1:$port" --worker-class "$1" --threads 4 shop:app 2>"$place/log" &
  server=$!
  until curl --silent --output /dev/null "http://127.0.0.1:$port/"; do kill -0 "$server"; done
  "$place/venv/bin/python" "$place/reader.py" "$port" >"$place/arrived.$1"
  kill "$server"
  wait "$server" || :
  server=
}
arrived gthread
arrived gevent
echo "Threads: $(<"$place/arrived.gthread") bytes arrive. gevent: $(<"$place/arrived.gevent") bytes arrive."
[[ $(<"$place/arrived.gthread") == "all of 16000000" && $(<"$place/arrived.gevent") == "fewer of 16000000" ]]
