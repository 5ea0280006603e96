"""The lab as one object: start it, break it, heal it, read what it was asked."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import trustme

from lab import files, names
from lab.audit import Audit
from lab.authentik.releases import DEFAULT, RELEASES
from lab.cluster.app import build as build_kubernetes
from lab.cluster.port_forward import Reach
from lab.faults import load as load_faults
from lab.network import Network
from lab.registry import Change, Describe, Kind, Table
from lab.serving import Listener, Serving, forward_to
from lab.shapes import RUNBOOK, Shape
from lab.shapes import load as load_shapes
from lab.tls import KUBERNETES_NAMES, following_context, ingress_context
from lab.variants import load as load_variants
from lab.world import World

KUBERNETES: Final = "kubernetes"
# The API server in the files of a lab that does not serve (--collect-only): nobody listens there.
NO_PORT: Final = 1


# Seconds, and applications of each kind: more is a slip, and would seem to hang.
_LONGEST: Final = 60.0
_MOST: Final = 5000
# Names in a message that guesses which one was meant.
_HINTS: Final = 3


class LabError(Exception):
    """The lab cannot do what it was asked; the message says why, and what to do instead."""


class Lab:
    """An estate in this process.

    `extra_applications` adds that many OIDC and that many gated applications, `latency` (seconds) delays
    every answer, `faults` (or harmless variants) hold from the start, `shape` is a healthy estate that differs from the
    runbook's, `authentik` the release, `allow_writes` gives the suite's ServiceAccount the rights to write. Raises
    LabError for an unknown fault, shape or release, or a number out of its bounds.
    """

    def __init__(
        self,
        extra_applications: int = 0,
        latency: float = 0.0,
        faults: Iterable[str] = (),
        *,
        shape: str = RUNBOOK.name,
        authentik: str = DEFAULT,
        allow_writes: bool = False,
    ) -> None:
        if not 0 <= latency <= _LONGEST:
            raise LabError(f"the latency is a number of milliseconds from 0 to {_LONGEST * 1000:.0f}")
        if not 0 <= extra_applications <= _MOST:
            raise LabError(f"the extra applications are a number from 0 to {_MOST}")
        self.latency = latency
        self.shape = find_shape(shape)
        extras = extra_applications + self.shape.extra_applications
        self.world = World(extras, allow_writes, self.shape.apply, find_release(authentik), self.shape.relying_parties)
        self.network = Network(self.world)
        self.audit = Audit()
        self._authority = trustme.CA(organization_name="SSO conformance lab", organization_unit_name="CA")
        self._serving: Serving | None = None
        self._describes: list[Describe] = []
        self._applied: set[str] = set()
        self._folder: Path | None = None
        self._listeners = _listeners(self.world, self.network, self._authority, self._reach)
        self.apply(*faults)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def add(self, listener: Listener) -> None:
        """Serve one more listener; only before `start`."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Serve on loopback; returns when all listeners answer."""
        if self._serving is None:
            # Now, or the first requests would wait for it.
            importlib.import_module("lab.parts")
            self._serving = Serving(self._listeners, self.world, self.audit, lambda: self.latency)
            self._serving.start()

    def stop(self) -> None:
        """Stop serving, within seconds; does nothing when the lab does not serve."""
        if self._serving is not None:
            self._serving.stop()
            self._serving = None

    def apply(self, *faults: str) -> None:
        """Put the named faults into force, besides those already there, also in what the estate file says.

        Raises LabError for an unknown one, or one of another shape or release: then none of them is in force; and for
        one that does not go in again, because what it breaks is broken.
        """
        for found in [self._change(name) for name in faults]:
            try:
                self._between_requests(partial(found.apply, self.world))
            except Exception as error:
                if found.name not in self._applied:
                    raise
                told = f"the fault {found.name} is in force already; heal the lab before it is put in again"
                raise LabError(told) from error
            self._applied.add(found.name)
            if found.describe is not None:
                self._describes.append(found.describe)
                self._describe_again()

    def heal(self) -> None:
        """Undo all faults and whatever was written; credentials and ports stay."""
        self._between_requests(self.world.heal)
        self._applied.clear()
        if self._describes:
            self._describes.clear()
            self._describe_again()

    @property
    def ports(self) -> dict[str, int]:
        """The loopback port of each listener by its name; empty while the lab does not serve."""
        return self._serving.ports if self._serving else {}

    @property
    def connect_to(self) -> dict[str, str]:
        """Where the estate's addresses are: `host:port`, or `*.domain:port`, to `127.0.0.1:port`."""
        ports = self.ports
        return {
            pattern: f"127.0.0.1:{ports[listener.name]}"
            for listener in self._listeners
            for pattern in listener.patterns
            if listener.name in ports
        }

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that the lab's estate file names, with the lab's credentials."""
        return files.environment(self.world)

    @property
    def ca_pem(self) -> bytes:
        """The certificate of the lab's authority, PEM."""
        return self._authority.cert_pem.bytes()

    def write_state(self, folder: Path) -> Path:
        """Write the files by which the lab is used; returns the path of estate.toml."""
        port, self._folder = self.ports.get(KUBERNETES, NO_PORT), Path(folder)
        return files.write_all(self._folder, self.world, self.ca_pem, self.connect_to, port, self._describe())

    def _describe(self) -> Describe | None:
        """What the shape and the changes in force make of the estate file; None where that is nothing."""
        parts = [part for part in (self.shape.describe, *self._describes) if part is not None]

        def describe(estate: Table) -> None:
            for part in parts:
                part(estate)

        return describe if parts else None

    def _describe_again(self) -> None:
        """Where the estate file was written already, write it as it is to be now."""
        if self._folder is not None:
            self.write_state(self._folder)

    def _reach(self, address: str, port: int) -> tuple[str, int] | None:
        """Where this process serves a pod's address."""
        served = self.connect_to.get(f"{address}:{port}")
        host, _, at = (served or "").rpartition(":")
        return (host, int(at)) if served else None

    def _change(self, name: str) -> Change:
        """The fault or variant of that name. Raises LabError where this lab has nothing that it could break."""
        known: dict[str, Change] = {**load_faults(), **load_variants()}
        found = _named("fault", name, known)
        here = {"shape": self.shape.name, "authentik": self.world.authentik_release}
        lacking = [f"{what} {wanted}" for what, wanted in found.made_for.items() if here[what] != wanted]
        if lacking:
            start = " ".join(f"--{each}" for each in lacking)
            raise LabError(
                f"the fault {name} breaks what this lab does not have; "
                f"add {start.replace('--', '--lab-')} to pytest --lab, or {start} to python -m lab"
            )
        return found

    def _between_requests(self, change: Callable[[], None]) -> None:
        if self._serving is None:
            change()
        else:
            self._serving.between_requests(change)


def find_shape(name: str) -> Shape:
    """The shape of that name. Raises LabError, which names the nearest."""
    # Nobody pays for the others who wants the one that is meant where none is named.
    return RUNBOOK if name == RUNBOOK.name else _named("shape", name, {RUNBOOK.name: RUNBOOK, **load_shapes()})


def find_release(name: str) -> str:
    """The release of that name, by its first two numbers. Raises LabError, which lists them."""
    if name not in RELEASES:
        raise LabError(f"there is no release {name} of Authentik in the lab; there are {', '.join(RELEASES)}")
    return name


def _named(kind: str, name: str, known: dict[str, Kind]) -> Kind:
    if name in known:
        return known[name]
    # What somebody remembers is a word of the name, as often as a letter is wrong.
    words = [each for each in known if f"-{name}-" in f"-{each}-"]
    near = difflib.get_close_matches(name, known, n=1) or words[:_HINTS]
    hint = f"did you mean {' or '.join(near)}?" if near else f"`python -m lab {kind}s` lists them"
    raise LabError(f"there is no {kind} {name or 'without a name'}; {hint}")


def _listeners(world: World, network: Network, authority: trustme.CA, reach: Reach) -> list[Listener]:
    """Every address of the estate that is reached from outside this process."""
    service = "authentik-server.authentik.svc"
    inside = [
        _reached(network, "authentik-lb", names.DIRECT_ADDRESS),
        *(
            _reached(network, f"authentik-pod-{index}", f"{address}:9000")
            for index, address in enumerate(names.SERVER_POD_IPS)
        ),
        _reached(network, "authentik-service", f"{service}:80", f"{service}.cluster.local:80"),
        _reached(network, "traefik-api", names.TRAEFIK_API, names.TRAEFIK_POD_API),
        _reached(network, "grafana-service", names.GRAFANA_SERVICE),
        _reached(network, "outpost-service", names.OUTPOST_SERVICE),
        *(
            _reached(network, f"outpost-pod-{index}", f"{address}:9000")
            for index, address in enumerate(names.OUTPOST_POD_IPS)
        ),
    ]
    return [*_ingress(world, network, authority), *inside, _kubernetes(world, authority, reach)]


def _reached(network: Network, name: str, *addresses: str) -> Listener:
    host, _, port = addresses[0].rpartition(":")
    return Listener(name, addresses, forward_to(network, host, int(port)))


def _ingress(world: World, network: Network, authority: trustme.CA) -> list[Listener]:
    tls = ingress_context(authority, lambda: world.edge.certificates, lambda: world.clock.days)
    host, pattern = names.AUTH_HOST, f"*.{names.DOMAIN}"
    return [
        Listener("ingress-https", (f"{pattern}:443",), forward_to(network, host, 443), tls),
        Listener("ingress-http", (f"{pattern}:80",), forward_to(network, host, 80)),
    ]


def _kubernetes(world: World, authority: trustme.CA, reach: Reach) -> Listener:
    tls = following_context(authority, lambda: world.clock.days, *KUBERNETES_NAMES)
    return Listener(KUBERNETES, (), build_kubernetes(world, reach), tls, websockets=True)
