"""Faults of the discovery documents (runbook D11)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from lab import names, seeded
from lab.faults import fault
from lab.faults.rewriting import DISCOVERY, Document, amended, at, becomes_page, replacing, where
from lab.world import World

_GRAFANA = f"/application/o/grafana{DISCOVERY}"


def _amend(world: World, **members: object) -> None:
    world.authentik.rules.amend_discovery = amended("grafana", lambda document: document | members)


@fault(
    "discovery-answered-by-a-page",
    known_from="an ingress that answers with its own page and 200",
    turns_red=("OIDC-DISC-01[grafana]",),
    blocks=("[grafana]",),
)
def discovery_answered_by_a_page(world: World) -> None:
    """The ingress answers Grafana's discovery address with a page of its own, status 200."""
    world.edge.tampering.append(where(at(_GRAFANA), becomes_page(200, "Welcome")))


@fault(
    "issuer-mode-global",
    known_from="recordings/oidc/discovery-issuer-global.json",
    turns_red=("OIDC-DISC-02[grafana]",),
    blocks=("[grafana]",),
)
def issuer_mode_global(world: World) -> None:
    """Grafana's provider was switched to the global issuer, which Grafana does not expect."""
    provider = seeded.provider(world, "grafana")
    provider.issuer_mode = "global"


@fault(
    "service-speaks-plain-http",
    known_from="recordings/oidc/discovery-argocd-public-host-no-xfproto.json",
    turns_red=("OIDC-DISC-03",),
)
def service_speaks_plain_http(world: World) -> None:
    """Asked at its Service, Authentik does not believe X-Forwarded-Proto and states an http issuer."""

    def from_elsewhere(request: Request, _: Response) -> bool:
        from_ingress = request.client is not None and request.client.host.startswith("10.42.")
        return request.url.path.endswith(DISCOVERY) and not from_ingress

    change = replacing(names.AUTH_URL, f"http://{names.AUTH_HOST}")
    world.authentik.tampering.append(where(from_elsewhere, change))


@fault(
    "ingress-trusts-forwarded-headers",
    known_from="Traefik's forwardedHeaders.insecure; recordings/oidc/discovery-spoofed-xfh.json",
    turns_red=("OIDC-DISC-04[public]", "FWD-FWD-01"),
    other_roots=("FWD-FWD-01",),
)
def ingress_trusts_forwarded_headers(world: World) -> None:
    """The ingress takes X-Forwarded headers from anybody, so that a client chooses the issuer's host."""
    world.edge.forwarded_headers_trusted = True


@fault(
    "lan-counts-as-proxy",
    known_from="Authentik's default for listen.trusted_proxy_cidrs; recordings/oidc/discovery-spoofed-xfh.json",
    turns_red=("OIDC-DISC-04[direct]",),
    warns=True,
)
def lan_counts_as_proxy(world: World) -> None:
    """Authentik believes X-Forwarded-Host of every private address, so of every client of its direct address."""
    world.authentik.rules.trusted_proxies = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


@fault(
    "discovery-lacks-subject-types",
    known_from="OpenID Connect Discovery 1.0 section 3",
    turns_red=("OIDC-DISC-05[grafana]",),
    blocks=("[grafana]",),
)
def discovery_lacks_subject_types(world: World) -> None:
    """Something between Authentik and its readers leaves a required member out of Grafana's document."""

    def without(document: Document) -> Document:
        return {name: value for name, value in document.items() if name != "subject_types_supported"}

    world.authentik.rules.amend_discovery = amended("grafana", without)


@fault(
    "token-endpoint-inside-the-cluster",
    known_from="ingresses that pass the in-cluster Host on",
    turns_red=("OIDC-DISC-06[grafana]",),
    blocks=("[grafana]",),
)
def token_endpoint_inside_the_cluster(world: World) -> None:
    """Grafana's document names an in-cluster token endpoint over plain http."""
    _amend(world, token_endpoint="http://authentik-server.authentik.svc/application/o/token/")


@fault(
    "unsigned-tokens-offered",
    known_from="RFC 8725 section 3.1: the algorithm none",
    turns_red=("OIDC-DISC-07[grafana]",),
)
def unsigned_tokens_offered(world: World) -> None:
    """Grafana's document offers ID tokens without a signature."""
    _amend(world, id_token_signing_alg_values_supported=["RS256", "none"])


@fault("s256-not-offered", known_from="RFC 9700 section 2.1.1", turns_red=("OIDC-DISC-08[grafana]",))
def s256_not_offered(world: World) -> None:
    """Grafana's document offers plain PKCE only, so that clients do without."""
    _amend(world, code_challenge_methods_supported=["plain"])


@fault(
    "client-authentication-not-offered",
    known_from="RFC 6749 section 2.3.1",
    turns_red=("OIDC-DISC-09[grafana]",),
)
def client_authentication_not_offered(world: World) -> None:
    """Grafana authenticates by the Authorization header, but its document offers the form only."""
    _amend(world, token_endpoint_auth_methods_supported=["client_secret_post"])


@fault(
    "anything-is-found",
    known_from="ingress error pages with status 200",
    turns_red=("OIDC-DISC-10",),
)
def anything_is_found(world: World) -> None:
    """The ingress turns Authentik's 404 into a friendly page with status 200."""

    def is_missing(request: Request, response: Response) -> bool:
        return response.status_code == 404 and request.url.path.endswith(DISCOVERY)

    world.edge.tampering.append(where(is_missing, becomes_page(200, "Nothing here")))


@fault(
    "rfc8414-document-of-the-old-domain",
    known_from="a domain that moved behind a cache",
    turns_red=("OIDC-DISC-11",),
    warns=True,
)
def rfc8414_document_of_the_old_domain(world: World) -> None:
    """A cache still serves the RFC 8414 documents of the domain that Authentik had before."""
    change = replacing(names.AUTH_HOST, "auth.cluster.derio.net")
    world.edge.tampering.append(where(at("/.well-known/oauth-authorization-server/"), change))
