"""What the self-tests of the edge share: an estate whose proxy, gate and backends are called in process."""

from __future__ import annotations

import asyncio
import json

from lab.edge import api, app
from lab.network import Network, call, http_scope
from lab.world import World

LONGHORN = "https://longhorn.frank.derio.net"
WHOAMI = "https://whoami.frank.derio.net"
IDENTITY = [("X-authentik-username", "alice"), ("X-authentik-groups", "platform-admins|devops")]


class Gate:
    """Stands for Authentik: lets `cookie: in` pass, redirects the others, remembers who asked."""

    def __init__(self):
        self.asked = []
        self.status = 302
        self.extra = [("Set-Cookie", "authentik_proxy_1=x; Path=/"), ("Location", "https://auth.frank.derio.net/a")]

    async def __call__(self, scope, receive, send):
        headers = [(k.decode(), v.decode()) for k, v in scope["headers"]]
        self.asked.append((scope["method"], scope["path"], headers))
        inside = ("cookie", "in") in headers
        status, answered = (200, [*IDENTITY, ("Set-Cookie", "session=1")]) if inside else (self.status, self.extra)
        raw = [(k.encode(), v.encode()) for k, v in [*answered, ("Content-Type", "text/html")]]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": b"<a>Found</a>"})


class Estate:
    """A world, its network, and the two entry points."""

    def __init__(self):
        self.world = World(extra_applications=1)
        self.network = Network(self.world)
        self.gate = Gate()
        self.network._built |= {f"authentik-server/{number}": self.gate for number in (0, 1)}
        self.entry_points = {
            scheme: app.build(self.world, self.network, name)
            for scheme, name in (("https", "websecure"), ("http", "web"))
        }
        self.api = api.build(self.world)

    def ask(self, url, method="GET", headers=(), peer="192.168.55.10", body=b""):
        scope = http_scope(method, url, list(headers), peer)
        return asyncio.run(call(self.entry_points[url.partition(":")[0]], scope, body))

    def api_json(self, path):
        answer = asyncio.run(call(self.api, http_scope("GET", f"http://traefik:8080{path}", [], "10.42.0.9")))
        return answer, json.loads(answer.body)

    def route(self, name, namespace):
        return self.world.cluster.get("ingressroutes", namespace, name)["spec"]

    def gate_middleware(self):
        return self.world.cluster.get("middlewares.traefik.io", "traefik-system", "authentik-forwardauth")["spec"]

    def asked_headers(self):
        return dict(self.gate.asked[-1][2])


def echoed(answer):
    lines = answer.body.decode().splitlines()
    return lines, [line.lower() for line in lines]
