"""Faults of the token and userinfo endpoints (runbook D12)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lab.authentik.providers import OAuth2Provider
from lab.faults import fault
from lab.faults.rewriting import at, becomes_page, replacing, where, without_header
from lab.world import World

_TOKEN = "/application/o/token/"
_USERINFO = "/application/o/userinfo/"


@fault(
    "token-errors-as-pages",
    known_from="ingress error pages",
    turns_red=("OIDC-TOKEN-01", "OIDC-CODE-02", "OIDC-CODE-03", "OIDC-CODE-04"),
    other_roots=("OIDC-CODE-02", "OIDC-CODE-03", "OIDC-CODE-04"),
    # Where the words of the endpoint are replaced nobody can tell whether a secret is right.
    blocks=("OIDC-TOKEN", "OIDC-SECRET-04"),
)
def token_errors_as_pages(world: World) -> None:
    """The ingress replaces the token endpoint's errors by a page of its own."""

    def is_error(request: Request, response: Response) -> bool:
        return request.url.path == _TOKEN and response.status_code == 400

    world.edge.tampering.append(where(is_error, becomes_page(400, "Bad Request")))


@fault("token-answers-may-be-kept", known_from="RFC 6749 section 5.1", turns_red=("OIDC-TOKEN-01",))
def token_answers_may_be_kept(world: World) -> None:
    """A headers middleware takes Cache-Control off the token endpoint's answers."""
    world.edge.tampering.append(where(at(_TOKEN), without_header("cache-control")))


@fault(
    "client-secret-unchecked",
    known_from="RFC 6749 section 3.2.1",
    turns_red=("OIDC-TOKEN-02", "OIDC-CODE-04", "OIDC-REVOK-01"),
    other_roots=("OIDC-CODE-04", "OIDC-REVOK-01"),
    blocks=("OIDC-SECRET-04", "OIDC-TOKEN-03"),
)
def client_secret_unchecked(world: World) -> None:
    """Authentik takes any client secret for right."""
    world.authentik.rules.secret_matches = lambda _provider, _secret: True


@fault("unknown-grant-misnamed", known_from="RFC 6749 section 5.2", turns_red=("OIDC-TOKEN-04",))
def unknown_grant_misnamed(world: World) -> None:
    """The token endpoint calls an unknown grant type a malformed request."""
    world.authentik.tampering.append(where(at(_TOKEN), replacing('"unsupported_grant_type"', '"invalid_request"')))


@fault(
    "userinfo-without-token",
    known_from="RFC 6750 section 3",
    turns_red=("OIDC-UINFO-01", "OIDC-UINFO-02"),
    other_roots=("OIDC-UINFO-02",),
)
def userinfo_without_token(world: World) -> None:
    """Userinfo answers whoever asks with claims of somebody, from a cache."""
    kept = {"sub": "cached", "email": "alice@example.com"}
    world.edge.tampering.append(where(at(_USERINFO), lambda _request, _response: JSONResponse(kept)))


@fault(
    "userinfo-cached-for-everybody",
    known_from="a cache in front of an API that does not vary by Authorization",
    turns_red=("OIDC-UINFO-01",),
)
def userinfo_cached_for_everybody(world: World) -> None:
    """Whoever brings no token at all gets, from a cache, what userinfo said to somebody before."""

    def brings_nothing(request: Request, response: Response) -> bool:
        return at(_USERINFO)(request, response) and "authorization" not in request.headers

    kept = {"sub": "cached", "email": "alice@example.com"}
    world.edge.tampering.append(where(brings_nothing, lambda _request, _response: JSONResponse(kept)))


@fault(
    "client-secret-added-on-the-way",
    known_from="an ingress snippet that sets Authorization for what is behind it",
    turns_red=("OIDC-TOKEN-02[grafana]",),
    blocks=("OIDC-SECRET-04[grafana]", "OIDC-TOKEN-03[grafana]"),
)
def client_secret_added_on_the_way(world: World) -> None:
    """The ingress puts Grafana's own credentials in place of whatever its token requests bring."""
    judged = world.authentik.rules.secret_matches

    def matches(provider: OAuth2Provider, secret: str) -> bool:
        return provider.client_id == "grafana" or judged(provider, secret)

    world.authentik.rules.secret_matches = matches
