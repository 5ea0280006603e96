"""Answers that are worded, ordered or labelled otherwise, and say the same (OpenID Connect, RFC 6749, 7517, 9207)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from lab import names
from lab.faults.api import amending_json
from lab.faults.rewriting import DISCOVERY, Document, Tampering, amended, at, where, with_header
from lab.variants import variant
from lab.world import World

_TOKEN = "/application/o/token/"
_USERINFO = "/application/o/userinfo/"


def _json(change: Callable[[Document], Document]) -> Tampering:
    """Change the JSON object of an answer, whose status and headers stay."""

    def amend(_: Request, response: Response) -> Response:
        response.body = json.dumps(change(json.loads(bytes(response.body)))).encode()
        response.headers["content-length"] = str(len(response.body))
        return response

    return amend


def _reversed_lists(document: Document) -> Document:
    return {name: list(reversed(value)) if isinstance(value, list) else value for name, value in document.items()}


@variant("discovery-with-a-charset", of=("discovery-answered-by-a-page",))
def discovery_with_a_charset(world: World) -> None:
    """Something in front of Grafana's discovery document names the charset that JSON has anyway."""
    grafana = at(f"/application/o/grafana{DISCOVERY}")
    world.edge.tampering.append(where(grafana, with_header("content-type", "application/json; charset=utf-8")))


@variant("service-lists-in-another-order", of=("service-speaks-plain-http",))
def service_lists_in_another_order(world: World) -> None:
    """Asked at its Service, Authentik gives the lists of its documents in another order."""

    def from_elsewhere(request: Request, response: Response) -> bool:
        from_ingress = request.client is not None and request.client.host.startswith("10.42.")
        return request.url.path.endswith(DISCOVERY) and not from_ingress and response.status_code == 200

    world.authentik.tampering.append(where(from_elsewhere, _json(_reversed_lists)))


@variant("rfc8414-document-in-another-order", of=("rfc8414-document-of-the-old-domain",))
def rfc8414_document_in_another_order(world: World) -> None:
    """The RFC 8414 documents give their lists in another order."""

    def is_served(request: Request, response: Response) -> bool:
        return at("/.well-known/oauth-authorization-server/")(request, response) and response.status_code == 200

    world.edge.tampering.append(where(is_served, _json(_reversed_lists)))


@variant("token-endpoint-with-its-port", of=("token-endpoint-inside-the-cluster",))
def token_endpoint_with_its_port(world: World) -> None:
    """Infisical's document names the port of the token endpoint, which is the scheme's own."""
    before = world.authentik.rules.amend_discovery
    further = amended("infisical", lambda d: d | {"token_endpoint": f"https://{names.AUTH_HOST}:443{_TOKEN}"})
    world.authentik.rules.amend_discovery = lambda document: further(before(document))


@variant("key-set-may-be-kept", of=("keys-withheld",))
def key_set_may_be_kept(world: World) -> None:
    """Key sets may be kept for an hour, as public keys may."""

    def is_key_set(request: Request, _: Response) -> bool:
        return request.url.path.endswith("/jwks/")

    world.edge.tampering.append(where(is_key_set, with_header("cache-control", "public, max-age=3600")))


@variant("key-with-a-member-more", of=("private-key-published",))
def key_with_a_member_more(world: World) -> None:
    """Published keys say that they may be exported, which is nothing private."""
    before = world.authentik.rules.amend_jwks
    world.authentik.rules.amend_jwks = lambda document: {
        "keys": [key | {"ext": True} for key in before(document)["keys"]]
    }


@variant("errors-name-their-issuer", of=("errors-kept-from-clients", "pkce-method-ignored"))
def errors_name_their_issuer(world: World) -> None:
    """Errors that go back to applications say which issuer they are of, as RFC 9207 wants it."""

    def goes_back(request: Request, response: Response) -> bool:
        target = response.headers.get("location", "")
        return request.url.path.startswith("/application/o/authorize/") and "error=" in target

    def change(_: Request, response: Response) -> Response:
        response.headers["location"] += f"&iss={quote(names.AUTH_URL, safe='')}"
        return response

    world.authentik.tampering.append(where(goes_back, change))


@variant("token-errors-with-an-address", of=("unknown-grant-misnamed",))
def token_errors_with_an_address(world: World) -> None:
    """The token endpoint's errors say where they are explained."""

    def is_error(request: Request, response: Response) -> bool:
        return request.url.path == _TOKEN and response.status_code == 400

    further = _json(lambda error: error | {"error_uri": "https://docs.goauthentik.io/"})
    world.authentik.tampering.append(where(is_error, further))


@variant("userinfo-refuses-with-words", of=("userinfo-cached-for-everybody",))
def userinfo_refuses_with_words(world: World) -> None:
    """Userinfo's refusal has a body that says what its header says."""

    def refuses(request: Request, response: Response) -> bool:
        return at(_USERINFO)(request, response) and response.status_code == 401

    def change(_: Request, response: Response) -> Response:
        worded = JSONResponse({"error": "invalid_token"}, 401)
        worded.headers["www-authenticate"] = response.headers["www-authenticate"]
        return worded

    world.authentik.tampering.append(where(refuses, change))


@variant("redirect-entries-with-a-member-more", of=("redirect-uris-as-text",))
def redirect_entries_with_a_member_more(world: World) -> None:
    """The API gives each redirect URI a description, as a later version might."""

    def described(content: Any) -> Any:  # noqa: ANN401 - a JSON document
        for entry in content["results"]:
            entry["redirect_uris"] = [uri | {"description": ""} for uri in entry["redirect_uris"]]
        return content

    world.authentik.tampering.append(amending_json("/api/v3/providers/oauth2/", described))


@variant("configuration-with-a-member-more", of=("service-answers-a-page",))
def configuration_with_a_member_more(world: World) -> None:
    """Authentik's configuration has a member that this suite does not know."""

    def further(content: Any) -> Any:  # noqa: ANN401 - a JSON document
        return content | {"something_new": True}

    world.authentik.tampering.append(amending_json("/api/v3/root/config/", further))


@variant("api-answers-labelled", of=("authorization-header-taken-away",))
def api_answers_labelled(world: World) -> None:
    """A proxy in front of Authentik's API leaves its name in every answer, and every header as it was."""
    world.authentik.tampering.append(where(at("/api/v3/"), with_header("x-served-by", "proxy-1")))


@variant("gate-redirects-by-see-other", of=("page-cached-in-front",))
def gate_redirects_by_see_other(world: World) -> None:
    """Something in front of Hubble turns the gate's 302 into 303, which browsers follow alike."""

    def sends_to_login(request: Request, response: Response) -> bool:
        of_hubble = request.headers.get("host") == names.public_host("hubble")
        return of_hubble and response.status_code == 302 and names.AUTH_HOST in response.headers.get("location", "")

    def change(_: Request, response: Response) -> Response:
        response.status_code = 303
        return response

    world.edge.tampering.append(where(sends_to_login, change))


@variant("encoded-slashes-refused", of=("dot-segments-kept",))
def encoded_slashes_refused(world: World) -> None:
    """The proxy refuses requests with encoded slashes by itself, as newer ones do."""

    def has_one(request: Request, _: Response) -> bool:
        return b"%2f" in request.scope["raw_path"].lower()

    world.edge.tampering.append(where(has_one, lambda _request, _response: Response(b"", 400)))


@variant("argocd-logout-tells-the-browser", of=("argocd-logout-forgets-the-cookie-only",))
def argocd_logout_tells_the_browser(world: World) -> None:
    """ArgoCD's logout asks the browser to forget what it keeps, besides ending the session."""

    def logs_out(request: Request, _: Response) -> bool:
        return request.url.hostname == names.public_host("argocd") and request.url.path == "/auth/logout"

    world.applications.tampering.append(where(logs_out, with_header("clear-site-data", '"cache"')))


@variant("token-refusals-of-another-realm", of=("client-secret-unchecked", "client-secret-added-on-the-way"))
def token_refusals_of_another_realm(world: World) -> None:
    """The token endpoint refuses a wrong secret with another realm in its challenge."""

    def refuses(request: Request, response: Response) -> bool:
        return request.url.path == _TOKEN and response.status_code == 401

    world.authentik.tampering.append(where(refuses, with_header("www-authenticate", 'Basic realm="sso"')))


@variant("revocation-with-an-empty-object", of=("revocation-by-anybody",))
def revocation_with_an_empty_object(world: World) -> None:
    """Where revocation says yes, it does so with an empty JSON object."""

    def agrees(request: Request, response: Response) -> bool:
        return at("/application/o/revoke/")(request, response) and response.status_code == 200

    world.authentik.tampering.append(where(agrees, lambda _request, _response: JSONResponse({})))


@variant("introspection-not-kept", of=("introspection-knows-everybody",))
def introspection_not_kept(world: World) -> None:
    """What introspection says may not be kept by anybody."""
    world.authentik.tampering.append(where(at("/application/o/introspect/"), with_header("cache-control", "no-store")))


@variant("pages-with-a-banner", of=("admin-interface-answered-by-a-page", "unknown-client-redirected"))
def pages_with_a_banner(world: World) -> None:
    """Authentik's pages end with a line of the company's, also those that refuse."""

    def is_page(request: Request, response: Response) -> bool:
        page = request.url.path.startswith(("/if/admin/", "/application/o/authorize/"))
        return page and response.headers.get("content-type", "").startswith("text/html") and bool(response.body)

    def change(_: Request, response: Response) -> Response:
        response.body = bytes(response.body) + b"<!-- for internal use -->"
        response.headers["content-length"] = str(len(response.body))
        return response

    world.authentik.tampering.append(where(is_page, change))


@variant("admin-interface-behind-the-login", of=("admin-interface-led-away",))
def admin_interface_behind_the_login(world: World) -> None:
    """Who has no session is sent to log in before the admin interface is shown."""
    login = f"{names.AUTH_URL}/flows/-/default/authentication/?next=/if/admin/"
    world.authentik.tampering.append(where(at("/if/admin/"), lambda _request, _response: RedirectResponse(login, 302)))


@variant("ping-labelled", of=("outpost-does-not-answer-its-ping",))
def ping_labelled(world: World) -> None:
    """The outpost's ping says who answers it."""
    world.authentik.tampering.append(where(at("/outpost.goauthentik.io/ping"), with_header("x-served-by", "outpost-1")))
