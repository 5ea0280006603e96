"""The world the lab serves: plain data, read by every handler at the time of each request.

Handlers keep a reference to the World and look at its parts when they answer; they never keep a part,
because healing replaces the parts by freshly seeded ones. Faults change the parts, and nothing else.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lab.applications.state import Applications
from lab.authentik.releases import DEFAULT
from lab.authentik.state import Authentik
from lab.cluster.state import Cluster
from lab.edge.state import Edge


def _random() -> str:
    return secrets.token_hex(24)


@dataclass(repr=False)
class Secrets:
    """What only the lab and its user know. Drawn once a process, so that healing changes no credential."""

    api_token: str = field(default_factory=_random)
    bootstrap_token: str = field(default_factory=_random)
    probe_password: str = field(default_factory=_random)
    gate_app_password: str = field(default_factory=_random)
    user_password: str = field(default_factory=_random)
    conformance_client_secret: str = field(default_factory=_random)
    client_secrets: dict[str, str] = field(default_factory=dict)
    kubernetes_admin_token: str = field(default_factory=_random)
    kubernetes_suite_token: str = field(default_factory=_random)

    def client_secret(self, name: str) -> str:
        """The client secret of the application `name`, drawn at first use."""
        return self.client_secrets.setdefault(name, _random())


@dataclass
class Clock:
    """The world's time; `started` is when the estate was (pretended to be) deployed."""

    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    offset: timedelta = timedelta()

    def now(self) -> datetime:
        """The time as this estate's machines believe it is, UTC."""
        return datetime.now(UTC) + self.offset

    @property
    def days(self) -> int:
        """By how many whole days it is ahead of this machine's; below zero: behind."""
        return int(self.offset / timedelta(days=1))


@dataclass
class World:
    """Everything the lab knows. `extra_applications` adds that many OIDC and that many gated applications.

    `relying_parties` are names of more OIDC ones, beside the numbered.

    With `allow_writes` the suite's ServiceAccount may also do what the runbook's operator does by hand.
    `shape` makes the freshly seeded runbook's estate into another healthy one; `authentik_release` is one of
    lab.authentik.releases.
    """

    extra_applications: int = 0
    allow_writes: bool = False
    shape: Callable[[World], None] = lambda _: None
    authentik_release: str = DEFAULT
    relying_parties: tuple[str, ...] = ()
    secrets: Secrets = field(default_factory=Secrets)
    clock: Clock = field(default_factory=Clock)
    authentik: Authentik = field(init=False)
    cluster: Cluster = field(init=False)
    edge: Edge = field(init=False)
    applications: Applications = field(init=False)

    def __post_init__(self) -> None:
        self.heal()

    @property
    def extra_oidc(self) -> tuple[str, ...]:
        """The names of the additional applications that log in by OpenID Connect."""
        numbered = (f"extra-oidc-{number}" for number in range(1, self.extra_applications + 1))
        return (*numbered, *self.relying_parties)

    @property
    def extra_gated(self) -> tuple[str, ...]:
        """The names of the additional applications behind the gate."""
        return tuple(f"extra-gated-{number}" for number in range(1, self.extra_applications + 1))

    def heal(self) -> None:
        """Put everything back as seeded and shaped; credentials and addresses stay."""
        from lab.seeding import seed  # noqa: PLC0415 - seeding, as every handler, builds on this module

        self.clock.offset = timedelta()
        seed(self)
        self.shape(self)
