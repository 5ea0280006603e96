"""The lines Authentik's pods have written before the world's now: start-up, then ordinary work."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from lab import names
from lab.cluster.objects import Age
from lab.cluster.state import Cluster, Value
from lab.world import World

Line = tuple[datetime, str]
_NAMESPACE: Final = "authentik"
_PID: Final = 42
_PLAIN: Final = (
    "=== Starting migration",
    "Operations to perform:",
    "  Apply all migrations: auth, authentik_blueprints, authentik_core, authentik_providers_oauth2",
    "Running migrations:",
    "  No migrations to apply.",
)


def _json(event: str, logger: str, moment: datetime, level: str = "info", **more: Value) -> str:
    fields = {"event": event, "level": level, "logger": logger, **more}
    return json.dumps(dict(sorted(fields.items())) | {"timestamp": moment.isoformat()[:26]})


def _django(event: str, logger: str, moment: datetime, level: str = "info", **more: Value) -> str:
    common = {"domain_url": None, "pid": _PID, "schema_name": "public"}
    return _json(event, logger, moment, level, **common, **more)


def _request(path: str, moment: datetime, status: int, agent: str, remote: str) -> str:
    return _django(
        path,
        "authentik.asgi",
        moment,
        auth_via="unauthenticated",
        host=names.AUTH_HOST,
        method="GET",
        remote=remote,
        request_id=uuid.uuid4().hex,
        runtime=61,
        scheme="http" if path.startswith("/-/") else "https",
        status=status,
        user="",
        user_agent=agent,
    )


def _start(moment: datetime, version: str) -> Iterator[Line]:
    """What server and worker alike write when they start, a warning about the absent GeoIP data included."""
    boot = "authentik.lib.config"
    at = moment.timestamp()
    yield moment, json.dumps({"event": "Loaded config", "level": "debug", "logger": boot, "timestamp": at})
    yield (
        moment,
        json.dumps({"event": "PostgreSQL connection successful", "level": "info", "logger": boot, "timestamp": at}),
    )
    yield moment, f"{moment:%Y-%m-%d %H:%M:%S} [info     ] applying django migrations"
    for text in _PLAIN:
        yield moment, text
    yield (
        moment,
        json.dumps(
            {
                "event": "Booting authentik",
                "level": "info",
                "logger": boot,
                "timestamp": at,
                "version": version,
            }
        ),
    )
    missing = "FileNotFoundError(2, 'No such file or directory')"
    reader = "authentik.events.context_processors.mmdb"
    path = "/geoip/GeoLite2-ASN.mmdb"
    text = "Failed to load MMDB database"
    yield moment, _django(text, reader, moment, "warning", exc=missing, path=path)


def _server(started: datetime, now: datetime, version: str) -> Iterator[Line]:
    yield from _start(started, version)
    moment = started + timedelta(seconds=9)
    yield moment, _json("Starting gunicorn 25.3.0", "gunicorn.error", moment)
    yield moment, _json("Outpost mode", "authentik.outpost.ak-api-controller", moment, embedded=True)
    yield (
        moment,
        _json("Starting authentik outpost", "authentik.outpost", moment, hash="tagged", version=version),
    )
    for minutes in range(30, 0, -1):
        moment = now - timedelta(minutes=minutes)
        yield moment, _request("/-/health/ready/", moment, 200, "kube-probe/1.35", "10.42.0.1")
        if minutes % 5 == 0:
            yield moment, _json("updating brand certificates", "authentik.router.brand_tls", moment)


def _worker(started: datetime, now: datetime, version: str) -> Iterator[Line]:
    yield from _start(started, version)
    moment = started + timedelta(seconds=9)
    yield moment, _json("Dramatiq '1.17.1' is booting up.", "dramatiq.MainProcess", moment)
    tasks = "authentik.tasks.middleware"
    for minutes in range(30, 0, -1):
        moment = now - timedelta(minutes=minutes)
        task = {"task_id": str(uuid.uuid4()), "task_name": "authentik.outposts.tasks.outpost_controller"}
        yield moment, _django("Sent 1 scheduled tasks", "django_dramatiq_postgres.scheduler", moment)
        yield moment, _django("Task started", tasks, moment, **task)
        yield moment, _django("Task finished", tasks, moment, exc=None, **task)


def plant_outpost(world: World, namespace: str, pod: str) -> None:
    """Write the history of a standalone outpost's pod: its start, then its updates."""
    now, version = world.clock.now(), world.authentik.version
    moment = now - timedelta(days=3)
    lines = [
        (moment, _json("Starting authentik outpost", "authentik.outpost", moment, hash="tagged", version=version)),
        (moment, _json("Successfully connected websocket", "authentik.outpost.ak-ws", moment, outpost_type="proxy")),
    ]
    for minutes in range(30, 0, -5):
        moment = now - timedelta(minutes=minutes)
        lines.append((moment, _json("/outpost.goauthentik.io/ping", "authentik.outpost.proxyv2.http", moment)))
    for at, line in lines:
        world.cluster.log_at(at, namespace, pod, line)


def plant(world: World, cluster: Cluster, age: Age) -> None:
    """Write the history of each server and worker pod; no container has restarted, so none has a previous log."""
    started, version = age.now - timedelta(days=3), world.authentik.version
    for pod in cluster.server_pods:
        for moment, line in _server(started, age.now, version):
            cluster.log_at(moment, _NAMESPACE, pod, line)
    for pod in cluster.worker_pods:
        for moment, line in _worker(started, age.now, version):
            cluster.log_at(moment, _NAMESPACE, pod, line)
