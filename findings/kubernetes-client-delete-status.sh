#!/usr/bin/env bash
# kubernetes 37.x (the Python client) and 36.x, and how an API server answers the deletion of a pod.
#
# The API documents two answers to a DELETE with status 200: the object, where its deletion takes time, or a
# meta/v1 Status, where it is gone at once (grace period 0, no finalizers). The generated method says V1Pod for both.
# 36.x reads the Status as a V1Pod whose own fields are all None, and says nothing. 37.x is generated with pydantic
# models: a field of one name and another type in the two (`status`: "Success" against a table) makes the very same
# successful answer a ValidationError, after the pod is gone. Whoever retries what raises deletes twice.
# `_preload_content=False` (with the body read by hand) is answered alike by both.
#
# Fails when either version behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/ask.py" <<'PY'
import json, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
import kubernetes
from kubernetes import client

STATUS = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
          "details": {"name": "web", "kind": "pods", "uid": "7d6c1d3e-0000-4000-8000-000000000000"}}

class Server(BaseHTTPRequestHandler):
    def do_DELETE(self):
        body = json.dumps(STATUS).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
settings = client.Configuration()
settings.host = f"http://127.0.0.1:{server.server_port}"
settings.proxy = None
api = client.CoreV1Api(client.ApiClient(settings))
try:
    answer = api.delete_namespaced_pod("web", "default", grace_period_seconds=0)
    said = f"{type(answer).__name__} with metadata.name {answer.metadata.name!r}"
except Exception as error:
    said = type(error).__name__
print(kubernetes.__version__, said)
assert said.startswith(sys.argv[1]), said
PY
for wanted in "36.0.3 V1Pod" "37.0.2 ValidationError"; do
    read -r version said <<<"$wanted"
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "kubernetes==$version"
    timeout 60 "$folder/$version/bin/python" "$folder/ask.py" "$said"
done
