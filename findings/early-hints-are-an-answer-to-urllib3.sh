#!/usr/bin/env bash
# urllib3 2.8.0 (and with it requests 2.34.2 and kubernetes 37.0.2) against httpx 0.28.1: an interim 103 Early Hints.
#
# A server, or the proxy before it, may send 103 Early Hints (RFC 8297) before the answer proper, unasked; RFC 9110
# section 15.2 has a client read on until a final status. h11, below httpx, does. http.client, below urllib3, passes
# over 100 Continue alone: urllib3 and requests return the 103 with no body as the answer, and requests calls that
# `ok`. The Kubernetes client raises ApiException(103) where kubectl (Go) has its object. So "the API server answers
# 103" is a sentence about a proxy with early hints, and not about the API server.
#
# Fails when any of them behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    kubernetes==37.0.2 urllib3==2.8.0 requests==2.34.2 httpx==0.28.1
cat >"$folder/ask.py" <<'PY'
import json, socket, threading
import httpx, requests, urllib3
from kubernetes import client

BODY = json.dumps({"major": "1", "minor": "35", "gitVersion": "v1.35.0"}).encode()
ANSWER = (b"HTTP/1.1 103 Early Hints\r\nLink: </app.css>; rel=preload; as=style\r\n\r\n"
          b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
          % len(BODY)) + BODY

def serve(listener):
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(ANSWER)

listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, args=(listener,), daemon=True).start()
url = f"http://127.0.0.1:{listener.getsockname()[1]}/version/"
settings = client.Configuration()
settings.host, settings.proxy = url.removesuffix("/version/"), None

def kubernetes():
    try:
        return client.VersionApi(client.ApiClient(settings)).get_code().git_version
    except client.ApiException as error:
        return f"ApiException({error.status})"

session = requests.Session()
session.trust_env = False
got = session.get(url, timeout=10)
seen = {
    "httpx": httpx.get(url, trust_env=False, timeout=10).status_code,
    "urllib3": urllib3.PoolManager().request("GET", url, timeout=10, retries=False).status,
    "requests": (got.status_code, got.ok, got.content),
    "kubernetes": kubernetes(),
}
print(seen)
assert seen == {"httpx": 200, "urllib3": 103, "requests": (103, True, b""), "kubernetes": "ApiException(103)"}, seen
PY
timeout 60 "$folder/venv/bin/python" "$folder/ask.py"
