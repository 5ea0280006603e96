"""`python -m selftests.contract.traefik.routers TRAEFIK [NAME …]`: where the lab's routing is not a real Traefik's.

Both get the same objects, and the same requests. routers.sh calls it in a network of its own: what Traefik asks of pods
and outposts, whose addresses are the estate's, goes nowhere.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

import lab.own_python  # noqa: F401  # the first
from lab import faults, shapes, variants
from lab.authentik.releases import DEFAULT
from lab.cluster.state import Object
from lab.edge.api_objects import router_entries
from lab.edge.routers import routers
from lab.edge.rules import Facts
from lab.edge.runtime import exists, selected
from lab.lab import Lab
from lab.world import World

_KINDS: Final = ("ingressroutes", "middlewares", "traefikservices", "ingresses", "ingressclasses", "services")
_ENTRY_POINTS: Final = {"web": 18000, "websecure": 18443, "traefik": 18080}
# Of the lab's options those that have to do with routing, but for middlewares of an entry point and its TLS.
_OPTIONS: Final = re.compile(r"(?i)--(providers\.|entrypoints\.\w+\.http\.(tls=|redirections|middlewares))")
_PATHS: Final = ("/", "/api/x", "/outpost.goauthentik.io/start", "/a/b/c")
# What the lab leaves out, or writes otherwise.
_NOT_COMPARED: Final = frozenset({"observability", "tls", "error"})
_SECONDS: Final = 30


class Scenario(NamedTuple):
    """A lab: its shape, the change that is in force, if any, and the release of Authentik."""

    shape: str
    change: str = ""
    release: str = DEFAULT

    def __str__(self) -> str:
        return f"{self.change} ({self.shape})" if self.change else self.shape


def scenarios() -> Iterator[Scenario]:
    """Each shape, and each fault and variant in its own."""
    for shape in shapes.load().values():
        if not shape.extra_applications:
            yield Scenario(shape.name)
    for change in (*faults.load().values(), *variants.load().values()):
        wanted = change.made_for
        yield Scenario(wanted.get("shape", shapes.RUNBOOK.name), change.name, wanted.get("authentik", DEFAULT))


def main(traefik: str, names: list[str]) -> int:
    """Compare all labs whose objects differ, or the named ones; 1 where something is read otherwise."""
    seen: set[str] = set()
    differing = 0
    for scenario in scenarios():
        if names and not {scenario.change or scenario.shape} & {*names}:
            continue
        in_force = [scenario.change] if scenario.change else []
        lab = Lab(faults=in_force, shape=scenario.shape, authentik=scenario.release)
        if (found := digest(lab.world)) in seen:
            continue
        seen.add(found)
        told = compared(lab, traefik)
        differing += bool(told)
        print(f"{scenario}: {len(told) or 'nothing'} otherwise", *told, sep="\n    ", flush=True)
    print(f"{len(seen)} labs, {differing} read otherwise")
    return bool(differing)


def digest(world: World) -> str:
    """What tells one lab's routing from another's."""
    objects = [[each["metadata"], each.get("spec")] for kind in _KINDS for each in world.cluster.list(kind)]
    timeless = [[{**about, "creationTimestamp": "", "managedFields": ""}, spec] for about, spec in objects]
    return hashlib.sha256(json.dumps([timeless, options_of(world)], sort_keys=True).encode()).hexdigest()


def options_of(world: World) -> list[str]:
    """The options of the lab's own Traefik that decide about routes."""
    workloads = [each for kind in ("deployments", "daemonsets") for each in world.cluster.list(kind)]
    (ours,) = (each for each in workloads if each["metadata"]["name"] == "traefik")
    given: list[str] = ours["spec"]["template"]["spec"]["containers"][0].get("args") or []
    return [option for option in given if _OPTIONS.match(option)]


def compared(lab: Lab, traefik: str) -> list[str]:
    """Where the lab and Traefik differ, a line each."""
    with lab, tempfile.TemporaryDirectory() as folder:
        lab.write_state(Path(folder))
        log = Path(folder, "log")
        with log.open("wb") as out:
            running = subprocess.Popen([traefik, *_command(lab, Path(folder))], stdout=out, stderr=out)
        try:
            real = _settled()
            told = [*_routers_differ(lab.world, real), *_requests_differ(lab.world, log)]
        finally:
            running.terminate()
            running.wait()
    return told


def _command(lab: Lab, folder: Path) -> list[str]:
    kubeconfig = yaml.safe_load((folder / "kubeconfig").read_text())
    (token,) = (each["user"]["token"] for each in kubeconfig["users"] if each["name"] == "lab-admin")
    (folder / "token").write_text(token)
    reached = {
        "endpoint": kubeconfig["clusters"][0]["cluster"]["server"],
        "token": folder / "token",
        "certauthfilepath": folder / "ca.pem",
        "throttleduration": 0,
    }
    providers = ("kubernetescrd", "kubernetesingress")
    return [
        "--log.level=ERROR",
        "--api.insecure=true",
        "--accesslog.format=json",
        *(f"--entrypoints.{name}.address=127.0.0.1:{port}" for name, port in _ENTRY_POINTS.items()),
        *(f"--providers.{name}.{key}={value}" for name in providers for key, value in reached.items()),
        *options_of(lab.world),
    ]


def _settled() -> dict[str, Object]:
    """Traefik's own list of routers by name, once it does not grow any more."""
    before, deadline = -1, time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        time.sleep(1)
        try:
            found = _api("/api/http/routers?per_page=1000")
        except OSError:
            continue
        if len(found) == before and any("@kubernetes" in each["name"] for each in found):
            return {each["name"]: each for each in found if "@internal" not in each["name"]}
        before = len(found)
    return {}


def _api(path: str) -> list[Object]:
    connection = http.client.HTTPConnection("127.0.0.1", _ENTRY_POINTS["traefik"], timeout=5)
    connection.request("GET", path)
    answer: list[Object] = json.loads(connection.getresponse().read())
    return answer


def _routers_differ(world: World, real: dict[str, Object]) -> Iterator[str]:
    ours = {each["name"]: each for each in router_entries(world) if "@internal" not in each["name"]}
    for name in sorted({*real, *ours}):
        if name not in ours or name not in real:
            yield f"{name}: only {'Traefik' if name in real else 'the lab'} has it"
            continue
        for key in sorted({*real[name], *ours[name]} - _NOT_COMPARED):
            if (one := real[name].get(key)) != (other := ours[name].get(key)):
                yield f"{name}: {key} is {one!r}, the lab says {other!r}"


def _requests_differ(world: World, log: Path) -> Iterator[str]:
    asked = [(host, path) for host in _hosts(world) for path in _paths(world)]
    for host, path in asked:
        _ask(host, path)
    time.sleep(0.5)
    taken = dict(_taken(log))
    for host, path in asked:
        found = selected(world, "websecure", Facts(host, path, "GET", "", (("host", host),)))
        ours = [layer.name for layer in found[0].layers] if found else [""]
        # A router that ends at its gate never comes to the one below it.
        real = [name.removeprefix("websecure-") for name in taken.get((host, path), "").split(" -> ")]
        if real != ours[: len(real)]:
            there, here = (" -> ".join(names) or "nobody" for names in (real, ours))
            yield f"{host}{path}: taken by {there}, in the lab by {here}"


def _taken(log: Path) -> Iterator[tuple[tuple[str, str], str]]:
    for line in log.read_text(errors="replace").splitlines():
        entry: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
        if "RequestPath" in entry:
            yield (entry["RequestHost"], entry["RequestPath"]), entry.get("RouterName", "")


def _ask(host: str, path: str) -> None:
    """GET by TLS; whoever answers, or breaks it off, it stands in the log."""
    context = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection("127.0.0.1", _ENTRY_POINTS["websecure"], timeout=20, context=context)
    try:
        connection.request("GET", path, headers={"Host": host})
        connection.getresponse().read()
    except OSError:
        pass
    finally:
        connection.close()


def _hosts(world: World) -> list[str]:
    rules = [router.rule for router in routers(world) if all(exists(world, each) for each in router.backends)]
    calls = (call for rule in rules for call in re.findall(r"Host\(([^)]+)\)", rule))
    named = {name for call in calls for name in re.findall(r"[\w.-]+", call)}
    return sorted({name.lstrip(".") for name in named} | {"nobody.frank.derio.net", "a.b.frank.derio.net"})


def _paths(world: World) -> list[str]:
    found = {path for router in routers(world) for path in re.findall(r"Path(?:Prefix)?\([`\"](/[^`\"]*)", router.rule)}
    return sorted({*_PATHS, *(each for path in found for each in (path, f"{path}x", f"{path.rstrip('/')}/sub"))})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
