"""A client of a Kubernetes API server on loopback."""

import json
import tomllib

from fixtures.doors.cluster_client import ClusterClient
from fixtures.estate import parse_estate
from fixtures.exchange.ledger import Ledger, Turnstile

ESTATE = """
name = "cluster"
[authentik]
url = "http://auth.example:9000"
public_url = "http://auth.example:9000"
[cluster]
kubeconfig = "{kubeconfig}"
[network]
isolated = true
[bounds]
exchange_deadline_seconds = 0.6
shell_deadline_seconds = {shell_seconds}
"""
KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}],
    "users": [{"name": "u", "user": {"token": "not a secret of anybody"}}],
    "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
    "current-context": "x",
}


def cluster_client(folder, server, *, allow_writes=False, shell_seconds=0.6):
    """The client of a cluster whose API server is at that address; what runs in a pod there may take so long."""
    path = folder / "kubeconfig"
    path.write_text(json.dumps(KUBECONFIG | {"clusters": [{"name": "c", "cluster": {"server": server}}]}))
    estate = parse_estate(tomllib.loads(ESTATE.format(kubeconfig=path, shell_seconds=shell_seconds)), "test")
    return ClusterClient(estate, Ledger(), Turnstile(8, 4), allow_writes=allow_writes)


def answer(content, status="200 OK"):
    """An answer with that JSON."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body


BUSY = answer({"kind": "Status"}, "429 Too Many Requests")
POD = answer({"metadata": {"name": "x"}})
