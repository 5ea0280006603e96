"""Authentik's state: everything its database and its processes hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from lab.authentik.directory import Directory
from lab.authentik.flows.model import Flow, Stage
from lab.authentik.keys import CertificateKeyPair
from lab.authentik.operations import Operations
from lab.authentik.outpost.model import EMBEDDED, Outpost, OutpostView
from lab.authentik.providers import Application, OAuth2Provider, ProxyProvider, ScopeMapping
from lab.authentik.releases import Release
from lab.authentik.rules import Rules
from lab.authentik.sessions import AuthorizationCode, DeviceCode, GateSession, IssuedToken, Session

Phase = Literal["up", "starting", "core-down", "db-down"]


@dataclass
class Replica:
    """One server process. `seen` is what its outpost has loaded when that is not what the database says.

    `build_version` is set where it differs from Authentik's, while a rollout is stuck half-way. `host_browser` is the
    process's AUTHENTIK_HOST_BROWSER: it decides under which host the outpost redeems codes, and nothing else.
    """

    phase: Phase = "up"
    seen: OutpostView | None = None
    build_version: str = ""
    host_browser: str = ""


@dataclass
class OutpostProcess(Replica):
    """One process of a standalone outpost: which it is, in which pod, and its AUTHENTIK_HOST."""

    outpost: str = ""
    namespace: str = ""
    pod: str = ""
    host: str = ""


@dataclass
class Authentik:
    """The whole of it. Tables are keyed by primary key, applications and flows by slug.

    `providers` holds both kinds (a ProxyProvider is an OAuth2Provider too, as in Authentik's own API);
    `tampering` is applied to every answer of a replica, `request.scope["replica"]` says which.
    """

    directory: Directory
    operations: Operations
    release: Release
    version: str = ""
    replicas: list[Replica] = field(default_factory=lambda: [Replica(), Replica()])
    outpost_processes: list[OutpostProcess] = field(default_factory=list)
    providers: dict[int, OAuth2Provider] = field(default_factory=dict)
    applications: dict[str, Application] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    stages: dict[str, Stage] = field(default_factory=dict)
    certificates: dict[str, CertificateKeyPair] = field(default_factory=dict)
    scope_mappings: dict[str, ScopeMapping] = field(default_factory=dict)
    outposts: dict[str, Outpost] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict, repr=False)
    codes: dict[str, AuthorizationCode] = field(default_factory=dict, repr=False)
    spent_codes: dict[str, int] = field(default_factory=lambda: defaultdict(int), repr=False)
    access_tokens: dict[str, IssuedToken] = field(default_factory=dict, repr=False)
    refresh_tokens: dict[str, IssuedToken] = field(default_factory=dict, repr=False)
    device_codes: dict[str, DeviceCode] = field(default_factory=dict, repr=False)
    device_starts: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list), repr=False)
    gate_sessions: dict[str, GateSession] = field(default_factory=dict, repr=False)
    # Header authentication that succeeded within the last minute: (client id, Authorization) -> its session.
    gate_credentials: dict[tuple[str, str], GateSession] = field(default_factory=dict, repr=False)
    consents: set[tuple[int, int]] = field(default_factory=set)
    totp_steps: dict[int, int] = field(default_factory=dict)
    totp_last_used: dict[int, datetime] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    tampering: list[Callable[[Request, Response], Response]] = field(default_factory=list)
    # Who is told of a session that ended.
    told: list[Callable[[Session], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.version = self.version or self.release.version

    def provider_named(self, name: str) -> OAuth2Provider | None:
        """The provider of that name."""
        return next((found for found in self.providers.values() if found.name == name), None)

    def provider_of_client(self, client_id: str) -> OAuth2Provider | None:
        """The provider with that client id."""
        return next((found for found in self.providers.values() if found.client_id == client_id), None)

    def application_of(self, provider: OAuth2Provider) -> Application | None:
        """The application that uses the provider, if one does."""
        return next((found for found in self.applications.values() if found.provider == provider.pk), None)

    def provider_of(self, slug: str) -> OAuth2Provider | None:
        """The provider of the application with that slug."""
        application = self.applications.get(slug)
        return self.providers.get(application.provider or 0) if application else None

    def proxy_providers(self) -> list[ProxyProvider]:
        """The providers that outposts may serve."""
        return [found for found in self.providers.values() if isinstance(found, ProxyProvider)]

    def flow(self, pk: str | None) -> Flow | None:
        """The flow with that primary key."""
        return next((flow for flow in self.flows.values() if flow.pk == pk), None)

    def embedded_outpost(self) -> Outpost | None:
        """The outpost that lives in the server processes."""
        return next((outpost for outpost in self.outposts.values() if outpost.managed == EMBEDDED), None)

    def outposts_of(self, provider: OAuth2Provider) -> list[Outpost]:
        """The outposts that the provider is assigned to."""
        return [outpost for outpost in self.outposts.values() if provider.pk in outpost.providers]

    def mappings(self, provider: OAuth2Provider) -> Iterable[ScopeMapping]:
        """The provider's scope mappings, in their order."""
        return (self.scope_mappings[pk] for pk in provider.property_mappings if pk in self.scope_mappings)

    def view(self, replica: int) -> OutpostView:
        """What the replica's embedded outpost has loaded: by default what the database holds."""
        return self.replicas[replica].seen or self._stored_view(self.embedded_outpost())

    def view_of(self, process: OutpostProcess) -> OutpostView:
        """What a process of a standalone outpost has loaded, and where its environment sends browsers."""
        stored = process.seen or self._stored_view(self.outposts.get(process.outpost))
        return replace(stored, environment=process.host_browser or process.host)

    def _stored_view(self, outpost: Outpost | None) -> OutpostView:
        if outpost is None:
            return OutpostView({}, [])
        used, known = {each.provider for each in self.applications.values()}, self.providers
        assigned = [known[pk] for pk in outpost.providers if pk in used and pk in known]
        served = [found for found in assigned if isinstance(found, ProxyProvider)]
        return OutpostView(outpost.config, served, outpost.name)
