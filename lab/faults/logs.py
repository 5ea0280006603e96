"""Faults that only the logs tell of (runbook S2, D1, D8)."""

from __future__ import annotations

import json
import uuid
from collections import deque
from datetime import timedelta
from typing import Final

from lab import names
from lab.cluster.state import LogLine, Value
from lab.faults import fault
from lab.faults.workloads import ended, pods_of
from lab.world import World

_NAMESPACE: Final = "authentik"
_AGO: Final = timedelta(minutes=5)


def _write(world: World, pod: str, **fields: Value) -> None:
    moment = world.cluster.now() - _AGO
    line = {"level": "warning", **fields, "timestamp": moment.isoformat()[:26]}
    world.cluster.log_at(moment, _NAMESPACE, pod, json.dumps(line))


def _refused(world: World, path: str, agent: str, **warning: Value) -> None:
    """A request that the second replica refused: its warning, and its access line."""
    pod = world.cluster.server_pods[1]
    common = {"host": names.AUTH_HOST, "request_id": uuid.uuid4().hex, "schema_name": "public"}
    _write(world, pod, **common, **warning)
    access = {"level": "info", "logger": "authentik.asgi", "method": "POST", "remote": "203.0.113.7", "status": 400}
    _write(world, pod, **common, **access, event=path, user_agent=agent)


@fault("log-client-secret-refused", known_from="runbook D1, R4", turns_red=("SMOKE-LOG-01",))
def log_client_secret_refused(world: World) -> None:
    """Grafana's client secret was refused at the token endpoint five minutes ago; the first replica knows nothing."""
    _refused(
        world,
        "/application/o/token/",
        "Go-http-client/1.1",
        event="Invalid client secret",
        logger="authentik.providers.oauth2.views.token",
        client_id="grafana",
    )


@fault("log-redirect-mismatch", known_from="runbook D1, D2", turns_red=("SMOKE-LOG-01",))
def log_redirect_mismatch(world: World) -> None:
    """A login to ArgoCD came with an unregistered redirect URI; only the address asked names the client."""
    _refused(
        world,
        "/application/o/authorize/?client_id=argocd&redirect_uri=https%3A%2F%2Fargocd.frank.derio.net%2Fcallback",
        "Mozilla/5.0",
        event="The request fails due to a missing, invalid, or mismatching redirection URI (redirect_uri).",
        logger="authentik.providers.oauth2.views.authorize",
        cause="redirect_uri_no_match",
    )


@fault("log-strangers", known_from="every host on the internet", turns_red=("SMOKE-LOG-01",), warns=True)
def log_strangers(world: World) -> None:
    """Somebody tries client ids that do not exist; the suite's own questions of the hour before are there as well."""
    for agent in ("curl/8.11", "sso-conformance/1 (run 0badcafe)"):
        _refused(
            world,
            "/application/o/authorize/?client_id=admin&response_type=code",
            agent,
            event="Invalid client identifier",
            logger="authentik.providers.oauth2.views.authorize",
            client_id="admin",
        )


@fault(
    "log-server-panicked",
    known_from="facts/measured.md: an empty outpost configuration",
    turns_red=("SMOKE-LOG-01", "SMOKE-PODS-02[authentik-server]"),
)
def log_server_panicked(world: World) -> None:
    """A server replica panicked a few minutes ago; only the log of its previous container tells why."""
    name = world.cluster.server_pods[1]
    (pod,) = pods_of(world, _NAMESPACE, name)
    ended(world, pod, "Error", _AGO, code=2)
    at = world.cluster.now() - _AGO
    text = "panic: interface conversion: interface {} is nil, not string"
    world.cluster.previous_logs[_NAMESPACE, name, "server"] = deque([LogLine(at, text), LogLine(at, "")])


@fault(
    "log-rust-panic",
    known_from="field/reports.md 9: server and worker of 2026.8 are Rust",
    turns_red=("SMOKE-LOG-02",),
)
def log_rust_panic(world: World) -> None:
    """A thread of the worker's front panicked a few minutes ago: plain text, and no JSON."""
    text = "thread 'tokio-runtime-worker' (17) panicked at src/worker/health.rs:88:14:"
    world.cluster.log_at(world.cluster.now() - _AGO, _NAMESPACE, world.cluster.worker_pods[0], text)


@fault("log-blueprint-no-yaml", known_from="facts/measured.md: blueprints", turns_red=("SMOKE-LOG-02",))
def log_blueprint_no_yaml(world: World) -> None:
    """A blueprint of the applications team is no YAML: it has no instance, and only the worker says so."""
    _write(
        world,
        world.cluster.worker_pods[0],
        event="failed to parse blueprint",
        exc="ParserError('while parsing a flow sequence')",
        logger="authentik.blueprints.v1.tasks",
        path="mounted/cm-authentik-blueprints-team/team.yaml",
    )


@fault("log-gate-cannot-redeem", known_from="facts/measured.md: AUTHENTIK_HOST_BROWSER", turns_red=("SMOKE-LOG-03",))
def log_gate_cannot_redeem(world: World) -> None:
    """Logins at Longhorn's gate end in a loop, because the embedded outpost expects another issuer."""
    _write(
        world,
        world.cluster.server_pods[0],
        event="failed to redeem code",
        error="id token issued by a different provider",
        logger="authentik.outpost.proxyv2.application",
        name="Longhorn",
    )
