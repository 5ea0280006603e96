"""Recorded requests asked of a lab, in which everything that the lab issued stands for what was recorded."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from urllib.parse import urlsplit

from lab.authentik.app import build as build_authentik
from lab.cluster.app import build as build_kubernetes
from lab.edge.api import build as build_proxy_api
from lab.network import Answer, ASGIApp, Network, Scope, call, http_scope
from lab.world import World
from selftests.contract import estate
from selftests.contract.comparing import Comparison
from selftests.contract.differing import Difference
from selftests.contract.naming import Naming
from selftests.contract.recordings import ABSENT, Exchange, Recorded, Request

# Where the recorded servers listened on the recorder's machine.
AUTHENTIK = {"127.0.0.1:9000", "127.0.0.1:9443"}
PROXY_API = "127.0.0.1:8081"
ARGOCD = "127.0.0.1:8084"
STANDALONE = "127.0.0.1:9110"
PEER = "127.0.0.1"
# Folders whose successful answers hold what a database happened to contain.
BY_SHAPE = {"api", "blueprints", "probe-identity", "kubernetes"}
LISTS = ("traefik/traefik-api-*", "standalone-outpost/*-health")


class NoCounterpart(Exception):
    """Nothing in the lab listens where this was asked; the message says what would."""


@dataclass
class Stage:
    """A world and what it has issued so far; `issued` maps recorded values to the lab's."""

    world: World
    tell: Naming
    network: Network = field(init=False)
    issued: dict[str, str] = field(default_factory=dict, repr=False)
    # Does in this world what had been done before: the plan knows what.
    happened: Callable[[], object] = dict

    def __post_init__(self) -> None:
        self.network = Network(self.world)
        # The recorder's applications behind the gate all echoed what reached them.
        self.network._built |= dict.fromkeys(("longhorn", "hubble", "sympozium"), _echo)
        self.authentik = build_authentik(self.world, 0)
        self.kubernetes = build_kubernetes(self.world)
        self.issued |= estate.known_keys(self.world)

    def replay(self, exchange: Exchange) -> list[Difference]:
        """Ask what was asked then; how the answers differ. Raises NoCounterpart."""
        answer = _as_kept(self.ask(exchange.request.changed(self.current), exchange.folder), exchange.recorded)
        comparison = Comparison()
        recorded = self._translated(exchange.recorded)
        contents = exchange.folder not in BY_SHAPE and not any(fnmatch(exchange.name, pattern) for pattern in LISTS)
        comparison.answer(recorded, answer, contents=contents)
        if not contents:
            self._speaks_this_naming(answer, comparison)
        self.issued |= comparison.issued
        return comparison.differences

    def _speaks_this_naming(self, answer: Answer, comparison: Comparison) -> None:
        """Compared by its shape alone, a canned answer shows by words that this naming replaces."""
        said = re.split(r"[\s,]+", answer.body.decode("utf-8", "replace"))
        recorded = [word for word in said if self.tell(word) != word]
        if recorded:
            comparison.differ("names", [self.tell(word) for word in recorded], recorded)

    def current(self, text: str) -> str:
        """The text with every recorded value that the lab issued differently replaced by the lab's."""
        for recorded, lab in self.issued.items():
            if recorded in text:
                text = text.replace(recorded, lab)
        return text

    def ask(self, request: Request, folder: str = "oidc") -> Answer:
        """The lab's answer. Raises NoCounterpart."""
        url = request.url
        if url.startswith("/"):
            url = ("https://kubernetes" if folder == "kubernetes" else "http://127.0.0.1:9000") + url
        headers = [(key, value) for key, value in request.headers if key.lower() != "content-length"]
        scope = http_scope(request.method, url, headers, PEER)
        body = (request.body or "").encode()
        return asyncio.run(call(self._app(url, folder), scope, body))

    def _app(self, url: str, folder: str) -> ASGIApp:
        parts = urlsplit(url)
        if folder == "kubernetes":
            return self.kubernetes
        if "<pk>" in url:
            raise NoCounterpart("the recording keeps neither the object's key nor who asked")
        if parts.netloc in AUTHENTIK:
            return self.authentik
        if parts.netloc == PROXY_API:
            return build_proxy_api(self.world)
        if parts.netloc == STANDALONE:
            return self.network.workload("authentik-outpost/0")
        if parts.netloc == ARGOCD:
            return self.network.workload("argocd")
        if parts.hostname == "127.0.0.1":
            raise NoCounterpart(f"nothing in the lab listens where {parts.netloc} was")
        return self.network.find(parts.hostname or "", 443 if parts.scheme == "https" else 80)

    def _translated(self, recorded: Recorded) -> Recorded:
        body = recorded.json if recorded.json is ABSENT else json.loads(self.current(json.dumps(recorded.json)))
        headers = [(key, self.current(value)) for key, value in recorded.headers]
        return Recorded(recorded.status, headers, recorded.text, body, recorded.outline)


def _as_kept(answer: Answer, recorded: Recorded) -> Answer:
    """The answer without the headers that the recorder did not keep: every server sends a Date, so that none was."""
    kept = {name.lower() for name, _ in recorded.headers}
    if "date" in kept:
        return answer
    return replace(answer, headers=[(name, value) for name, value in answer.headers if name.lower() in kept])


async def _echo(scope: Scope, receive: object, send: object) -> None:
    """The recorder's backend: the headers that reached it, as JSON."""
    # X-Forwarded-Server is the proxy's host name: the recorder's machine was called vm.
    headers = [
        [name.decode(), "vm" if name == b"x-forwarded-server" else value.decode("latin-1")]
        for name, value in scope["headers"]
    ]
    content = {"app": "echo", "path": scope["path"], "headers": headers}
    start = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": start})
    await send({"type": "http.response.body", "body": json.dumps(content).encode()})
