#!/usr/bin/env bash
# httpx 0.28.1 with httpcore 1.0.9: what `max_keepalive_connections` counts.
#
# httpx documents it as the number of idle connections that are kept. httpcore compares it with the number of all of the
# pool's connections, the busy ones among them: two answers that are still being read (a log that is followed, an
# export) use up a limit of 2, and every short request beside them gets a connection of its own, with a TCP and a TLS
# handshake, though never more than one is idle. With a limit of 3 the same five requests share one connection. So the
# limit has to be sized as busy plus idle.
#
# Fails when it counts otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check httpx==0.28.1 httpcore==1.0.9
cat >"$folder/ask.py" <<'PY'
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import httpcore, httpx

opened, release = [], threading.Event()

class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def setup(self):
        super().setup()
        opened.append(self)
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"a")
        self.wfile.flush()
        if self.path == "/followed":
            release.wait(20)
        self.wfile.write(b"b")
    def log_message(self, *_): pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"

def connections(keepalive):
    """How many connections five short requests in a row open, while two answers are still being read."""
    release.clear()
    limits = httpx.Limits(max_connections=10, max_keepalive_connections=keepalive)
    with httpx.Client(limits=limits, trust_env=False, timeout=20) as client:
        with client.stream("GET", f"{url}/followed") as one, client.stream("GET", f"{url}/followed") as two:
            before = len(opened)
            for _ in range(5):
                client.get(f"{url}/short")
            made = len(opened) - before
            release.set()
            one.read(), two.read()
    return made

seen = {keepalive: connections(keepalive) for keepalive in (2, 3)}
print(httpx.__version__, httpcore.__version__, "connections for five short requests, by the limit:", seen)
assert seen == {2: 5, 3: 1}, seen
PY
timeout 60 "$folder/venv/bin/python" "$folder/ask.py"
