"""Faults of the authorization endpoint (runbook D2)."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from lab.authentik.providers import RedirectURI
from lab.faults import fault
from lab.faults.rewriting import at, becomes_page, replacing, sent, where, with_header, without_header
from lab.world import World

_AUTHORIZE = "/application/o/authorize/"


@fault(
    "state-lost-on-the-way",
    known_from="middlewares that rewrite redirects",
    turns_red=("OIDC-AUTHZ-01",),
    blocks=("OIDC-AUTHZ", "OIDC-LOGIN", "OIDC-RP-02"),
)
def state_lost_on_the_way(world: World) -> None:
    """A middleware drops the state from redirects, so that applications refuse every answer."""

    def change(_: Request, response: Response) -> Response:
        response.headers["location"] = re.sub(r"&state=[^&]*", "", response.headers["location"])
        return response

    world.edge.tampering.append(where(_is_error_for_client, change))


def _is_error_for_client(request: Request, response: Response) -> bool:
    target = response.headers.get("location", "")
    return request.url.path.startswith(_AUTHORIZE) and "error=" in target


@fault(
    "any-redirect-accepted",
    known_from="RFC 9700 section 4.1",
    turns_red=("OIDC-AUTHZ-02",),
    blocks=("OIDC-AUTHZ-03",),
)
def any_redirect_accepted(world: World) -> None:
    """Authentik sends the answer to whatever redirect URI is asked for."""
    world.authentik.rules.redirect_uri_matches = lambda _registered, _url: True


@fault(
    "redirects-compared-by-prefix",
    known_from="RFC 9700 section 4.1.3",
    turns_red=("OIDC-AUTHZ-03",),
)
def redirects_compared_by_prefix(world: World) -> None:
    """Redirect URIs are compared by their beginning, so that paths and queries can be added."""

    def begins(registered: RedirectURI, url: str) -> bool:
        return url.startswith(registered.url)

    world.authentik.rules.redirect_uri_matches = begins


@fault("unknown-client-redirected", known_from="RFC 6749 section 4.1.2.1", turns_red=("OIDC-AUTHZ-04",))
def unknown_client_redirected(world: World) -> None:
    """An unknown client is told so at the redirect URI it brought: an open redirector."""

    def is_refused(_: Request, response: Response) -> bool:
        return response.status_code == 400 and b"Client ID Error" in bytes(response.body)

    def change(request: Request, _: Response) -> Response:
        query = urlencode({"error": "unauthorized_client", "state": sent(request, "state")})
        return RedirectResponse(f"{sent(request, 'redirect_uri')}?{query}", 302)

    world.authentik.tampering.append(where(is_refused, change))


@fault("errors-kept-from-clients", known_from="RFC 6749 section 4.1.2.1", turns_red=("OIDC-AUTHZ-05",))
def errors_kept_from_clients(world: World) -> None:
    """An unsupported response type ends in an error page instead of going back to the application."""

    def is_unsupported(_: Request, response: Response) -> bool:
        return "error=unsupported_response_type" in response.headers.get("location", "")

    world.authentik.tampering.append(where(is_unsupported, becomes_page(400, "Bad Request")))


@fault("pkce-method-ignored", known_from="RFC 7636 section 4.4.1", turns_red=("OIDC-AUTHZ-06",))
def pkce_method_ignored(world: World) -> None:
    """Authentik goes on as if an unknown PKCE method had not been named."""

    def names_method(request: Request, _: Response) -> bool:
        return sent(request, "code_challenge_method") not in ("", "plain", "S256")

    world.authentik.tampering.append(where(names_method, replacing("error=invalid_request", "error=login_required")))


@fault("login-page-may-be-framed", known_from="RFC 9700 section 4.16", turns_red=("OIDC-AUTHZ-07",))
def login_page_may_be_framed(world: World) -> None:
    """A headers middleware takes X-Frame-Options off the login page."""
    world.edge.tampering.append(where(at("/if/flow/"), without_header("x-frame-options")))


@fault(
    "login-page-framed-by-policy",
    known_from="CSP Level 3 section 6.4.2: where frame-ancestors is said, X-Frame-Options does not count",
    turns_red=("OIDC-AUTHZ-07",),
)
def login_page_framed_by_policy(world: World) -> None:
    """A headers middleware lets any site frame the login page, for a dashboard; Authentik's own header stands beside
    it."""
    policy = "default-src 'self' 'unsafe-inline'; frame-ancestors *"
    world.edge.tampering.append(where(at("/if/flow/"), with_header("content-security-policy", policy)))


@fault(
    "login-page-tells-where-it-is",
    known_from="Referrer Policy section 3.2: no-referrer-when-downgrade tells https sites all of it",
    turns_red=("OIDC-AUTHZ-07",),
)
def login_page_tells_where_it_is(world: World) -> None:
    """A headers middleware sets the Referrer-Policy that browsers once had by themselves."""
    changed = with_header("referrer-policy", "no-referrer-when-downgrade")
    world.edge.tampering.append(where(at("/if/flow/"), changed))
