"""Faults of the certificates that public hosts present, and of plain http (runbook H1, H4)."""

from __future__ import annotations

from starlette.responses import RedirectResponse

from lab import names
from lab.faults import fault
from lab.faults.rewriting import where
from lab.tls import HostCertificate
from lab.world import World

_HUBBLE = names.public_host("hubble")


def _present(world: World, certificate: HostCertificate, *hosts: str) -> None:
    world.edge.certificates |= dict.fromkeys(hosts, certificate)


def _everywhere(world: World, certificate: HostCertificate) -> None:
    applications = (*names.OIDC_APPLICATIONS, *names.GATED_APPLICATIONS)
    _present(world, certificate, names.AUTH_HOST, *(names.public_host(name) for name in applications))


@fault(
    "certificate-expired",
    known_from="cert-manager without DNS credentials",
    turns_red=("SMOKE-TLS-01", "SMOKE-UP-01[public]"),
    blocks=("FWD", "OIDC", "SMOKE-LOGIN-01", "SMOKE-TIME-01", "SMOKE-UP"),
)
def certificate_expired(world: World) -> None:
    """The wildcard certificate ended yesterday: renewal had been failing for a month, and nobody looked."""
    _everywhere(world, HostCertificate(days=-1))


@fault("certificate-ends-tomorrow", known_from="cert-manager without DNS credentials", turns_red=("SMOKE-TLS-01",))
def certificate_ends_tomorrow(world: World) -> None:
    """The wildcard certificate ends in two days: renewal is failing."""
    _everywhere(world, HostCertificate(days=2))


@fault("certificate-ends-soon", known_from="renewal begins 30 days before", turns_red=("SMOKE-TLS-01",), warns=True)
def certificate_ends_soon(world: World) -> None:
    """The wildcard certificate ends in ten days, and should have been renewed three weeks ago."""
    _everywhere(world, HostCertificate(days=10))


@fault(
    "certificate-of-another-name",
    known_from="a certificate Secret copied",
    turns_red=(f"SMOKE-TLS-01[{_HUBBLE}]",),
    blocks=("[hubble]", "FWD-PASS-04[longhorn]"),
)
def certificate_of_another_name(world: World) -> None:
    """Hubble's host presents a certificate that the right authority made for another host."""
    _present(world, HostCertificate("wrong-name"), _HUBBLE)


@fault(
    "certificate-of-the-proxy",
    known_from="facts/estate.md: 2026-06-20, #590: TRAEFIK DEFAULT CERT, and HSTS left no way round",
    turns_red=(f"SMOKE-TLS-01[{_HUBBLE}]",),
    blocks=("[hubble]", "FWD-PASS-04[longhorn]"),
)
def certificate_of_the_proxy(world: World) -> None:
    """Traefik finds no certificate for Hubble's host and presents its own default."""
    _present(world, HostCertificate("default"), _HUBBLE)


@fault(
    "certificate-of-an-unknown-authority",
    known_from="a staging issuer",
    turns_red=(f"SMOKE-TLS-01[{_HUBBLE}]",),
    blocks=("[hubble]", "FWD-PASS-04[longhorn]"),
)
def certificate_of_an_unknown_authority(world: World) -> None:
    """Hubble's certificate was issued by a staging authority that no browser knows."""
    _present(world, HostCertificate("untrusted"), _HUBBLE)


@fault(
    "auth-certificate-of-the-proxy",
    known_from="facts/estate.md: 2026-06-20, #591",
    turns_red=(f"SMOKE-TLS-01[{names.AUTH_HOST}]", "SMOKE-UP-01[public]"),
    blocks=("FWD", "OIDC", "SMOKE-LOGIN-01", "SMOKE-TIME-01", "SMOKE-UP"),
)
def auth_certificate_of_the_proxy(world: World) -> None:
    """Traefik finds no certificate for Authentik's public host: nobody can log in anywhere."""
    _present(world, HostCertificate("default"), names.AUTH_HOST)


@fault(
    "plain-http-sent-to-a-portal",
    known_from="the network of a hotel: a captive portal answers plain http in everybody's place (RFC 8952)",
    turns_red=("SMOKE-TLS-02",),
)
def plain_http_sent_to_a_portal(world: World) -> None:
    """Between the suite and the entry point `web` somebody sends all requests to a page of his own."""
    portal = RedirectResponse("http://portal.hotel.example/welcome", 302)
    world.edge.tampering.append(where(lambda request, _: request.url.scheme == "http", lambda *_: portal))


@fault("plain-http-served", known_from="an entry point without its redirection", turns_red=("SMOKE-TLS-02",))
def plain_http_served(world: World) -> None:
    """The entry point `web` does not redirect any more, so that passwords and cookies travel in the clear."""
    world.edge.redirects_plain_http = False
