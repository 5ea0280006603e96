"""Faults that only a browser meets (facts/browser.md, section 7): over HTTP every login goes on as before."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from lab import names
from lab.applications.answers import go_redirect, page
from lab.authentik.flows.model import AUTHENTICATION, INVALIDATION
from lab.authentik.pages import permission_denied
from lab.faults import fault
from lab.faults.rewriting import Tampering, at, becomes_page, replacing, where
from lab.world import World

_BROWSER: Final = ("--browser",)
_LOGIN: Final = f"/if/flow/{AUTHENTICATION}/"
_SIGN_OUT: Final = f"/if/flow/{INVALIDATION}/"
_NOBODY_LOGS_IN: Final = ("SMOKE-SEEN-02", "SMOKE-SEEN-03", "SMOKE-SEEN-05", "OIDC-SEEN", "FWD-SEEN")


def login_page_gets(world: World, html: str) -> None:
    """Put HTML into the head of Authentik's login page, as a brand's settings or a proxy's plugin do."""
    world.authentik.tampering.append(where(at(_LOGIN), replacing("</head>", f"{html}</head>")))


def front_page(world: World, application: str, body: str) -> None:
    """Let an application show a page of this body to whoever has come through its login."""
    host, title = names.public_host(application), world.applications[application].title

    def is_front(request: Request, response: Response) -> bool:
        return request.url.hostname == host and request.url.path == "/" and response.status_code == 200

    world.applications.tampering.append(where(is_front, lambda _request, _response: page(title, body)))


def _absent(world: World, path: str) -> None:
    world.authentik.tampering.append(where(at(path), becomes_page(404, "404 page not found")))


@fault(
    "login-script-missing",
    known_from="facts/browser.md, 0.1: /static answers 404; incidents where a CDN kept the page of the release before",
    turns_red=("SMOKE-SEEN-01",),
    blocks=_NOBODY_LOGS_IN,
    options=_BROWSER,
)
def login_script_missing(world: World) -> None:
    """The script of Authentik's pages is answered with 404: they stay white."""
    _absent(world, "/static/dist/flow/")


@fault(
    "stage-scripts-missing",
    known_from="facts/browser.md, 0.1: half an upgrade",
    turns_red=("SMOKE-SEEN-01",),
    blocks=_NOBODY_LOGS_IN,
    options=_BROWSER,
)
def stage_scripts_missing(world: World) -> None:
    """The scripts of the single stages are answered with 404, as after half an upgrade."""
    _absent(world, "/static/dist/src/flow/stages/")


@fault(
    "login-style-missing",
    known_from="facts/browser.md, 2.3: an unstyled page",
    turns_red=("SMOKE-SEEN-01",),
    warns=True,
    options=_BROWSER,
)
def login_style_missing(world: World) -> None:
    """The stylesheet of Authentik's pages is answered with 404: logging in works, on an ugly page."""
    _absent(world, "/static/dist/styles/")


@fault(
    "policy-against-inline-scripts",
    known_from="facts/browser.md, 0.1: CSP default-src 'self' added by a middleware",
    turns_red=("SMOKE-SEEN-01",),
    blocks=_NOBODY_LOGS_IN,
    options=_BROWSER,
)
def policy_against_inline_scripts(world: World) -> None:
    """A middleware adds a Content-Security-Policy that Authentik's pages do not bear: stuck behind the password."""
    world.edge.tampering.append(where(at("/if/flow/"), with_policy("default-src 'self'")))


def with_policy(policy: str) -> Tampering:
    """Add a Content-Security-Policy to an answer."""

    def change(_: Request, response: Response) -> Response:
        response.headers["content-security-policy"] = policy
        return response

    return change


@fault(
    "login-page-asks-by-plain-http",
    known_from="facts/browser.md, 0.1: the auth host sees X-Forwarded-Proto: http",
    turns_red=("SMOKE-SEEN-01",),
    blocks=_NOBODY_LOGS_IN,
    options=_BROWSER,
)
def login_page_asks_by_plain_http(world: World) -> None:
    """The login page is told to ask the API by plain http, which a browser refuses a page that came by https."""
    told = replacing(f'"base": "{names.AUTH_URL}', f'"base": "http://{names.AUTH_HOST}')
    world.authentik.tampering.append(where(at("/if/flow/"), told))


@fault(
    "login-form-hidden",
    known_from="a brand's custom CSS written for the release before",
    turns_red=("SMOKE-SEEN-02",),
    blocks=("SMOKE-SEEN-05", "OIDC-SEEN", "FWD-SEEN"),
    options=_BROWSER,
)
def login_form_hidden(world: World) -> None:
    """The brand's custom CSS hides the element that the form is in."""
    login_page_gets(world, "<style>ak-flow-executor { display: none; }</style>")


@fault(
    "login-page-complains",
    known_from="facts/browser.md, section 4: a healthy login page has no console error",
    turns_red=("SMOKE-SEEN-03",),
    warns=True,
    options=_BROWSER,
)
def login_page_complains(world: World) -> None:
    """Something that the brand adds to the login page fails, and says so in the console alone."""
    login_page_gets(world, "<script>undefinedByTheBrand.start();</script>")


@fault(
    "login-page-asks-a-stranger",
    known_from="facts/browser.md, section 4: no third-party request at all",
    turns_red=("SMOKE-SEEN-04",),
    warns=True,
    options=_BROWSER,
)
def login_page_asks_a_stranger(world: World) -> None:
    """The brand's custom CSS takes its font from a public service, which so hears of each login."""
    login_page_gets(world, "<link rel='stylesheet' href='https://fonts.example.org/css?family=Brand'>")


@fault(
    "sign-out-page-blank",
    known_from="a proxy that keeps the page of one flow: facts/browser.md, 0.1 (stale cache)",
    turns_red=("SMOKE-SEEN-05",),
    options=_BROWSER,
)
def sign_out_page_blank(world: World) -> None:
    """The page of the sign-out is one of the release before, whose script is gone: nobody gets out."""
    old = replacing("FlowInterface-", "FlowInterface-2026.2.0-")
    world.authentik.tampering.append(where(at(_SIGN_OUT), old))


@fault(
    "grafana-page-starts-over",
    known_from="facts/browser.md, 7.1: a loop through a script's navigation",
    turns_red=("OIDC-SEEN-01[grafana]",),
    blocks=("OIDC-SEEN-02[grafana]",),
    options=_BROWSER,
)
def grafana_page_starts_over(world: World) -> None:
    """The script of Grafana's page does not see its own session, and begins the login ever anew."""
    front_page(world, "grafana", "<script>window.location.assign('/login/generic_oauth')</script>")


@fault(
    "grafana-page-empty",
    known_from="issue 13: a page that stays empty",
    turns_red=("OIDC-SEEN-01[grafana]",),
    blocks=("OIDC-SEEN-02[grafana]",),
    options=_BROWSER,
)
def grafana_page_empty(world: World) -> None:
    """The script that draws Grafana's page is answered with 404."""
    front_page(world, "grafana", "<div id='reactRoot'></div><script src='/public/build/app.0000.js'></script>")
    _no_script(world, "grafana", "/public/build/app.0000.js")


def _no_script(world: World, application: str, path: str) -> None:
    host = names.public_host(application)
    gone = where(lambda request, _: request.url.hostname == host and request.url.path == path, becomes_page(404, "404"))
    world.applications.tampering.append(gone)


@fault(
    "grafana-denied-to-browsers",
    known_from="docs.goauthentik.io, Expression policies: request.http_request, and so its User-Agent",
    turns_red=("OIDC-SEEN-01[grafana]",),
    blocks=("OIDC-SEEN-02[grafana]",),
    options=_BROWSER,
)
def grafana_denied_to_browsers(world: World) -> None:
    """An expression policy of Grafana's application lets no headless browser in, by its User-Agent."""

    def is_denied(request: Request, response: Response) -> bool:
        leads_back = response.headers.get("location", "").startswith(f"https://{names.public_host('grafana')}/")
        return leads_back and "Chrome/" in request.headers.get("user-agent", "")

    denied = where(is_denied, lambda _request, _response: HTMLResponse(permission_denied(None)))
    world.authentik.tampering.append(denied)


@fault(
    "grafana-logs-in-by-itself",
    known_from="Grafana's auto_login without a sign-out redirect",
    turns_red=("OIDC-SEEN-02[grafana]",),
    warns=True,
    options=_BROWSER,
)
def grafana_logs_in_by_itself(world: World) -> None:
    """Grafana's login page begins the login by itself, so that whoever logs out is logged in again."""
    host = names.public_host("grafana")
    begins = where(
        lambda request, _: request.url.hostname == host and request.url.path == "/login",
        lambda _request, _response: go_redirect(302, "/login/generic_oauth"),
    )
    world.applications.tampering.append(begins)


@fault(
    "longhorn-page-empty",
    known_from="a single-page application whose scripts are not routed: facts/browser.md, 2.3 (the gate's own page)",
    turns_red=("FWD-SEEN-01[longhorn]",),
    options=_BROWSER,
)
def longhorn_page_empty(world: World) -> None:
    """Behind the gate Longhorn's page comes, and the script that draws it is answered with 404."""
    front_page(world, "longhorn", "<div id='root'></div><script src='/index.0000.js'></script>")
    _no_script(world, "longhorn", "/index.0000.js")


@fault(
    "longhorn-page-reloads",
    known_from="a single-page application that reloads when its version is not the server's",
    turns_red=("FWD-SEEN-01[longhorn]",),
    options=_BROWSER,
)
def longhorn_page_reloads(world: World) -> None:
    """Longhorn's script finds another release than its own, and loads the page anew without end."""
    front_page(world, "longhorn", "<h1>Longhorn</h1><script>location.reload()</script>")


@fault(
    "longhorn-page-blank",
    known_from="issue 13: a page that stays empty; its script comes, and draws nothing",
    turns_red=("FWD-SEEN-01[longhorn]",),
    warns=True,
    options=_BROWSER,
)
def longhorn_page_blank(world: World) -> None:
    """Behind the gate Longhorn's page comes, and nothing is drawn into it."""
    front_page(world, "longhorn", "<div id='root'></div><script src='/index.2.js'></script>")
    script(world, "longhorn", "/index.2.js", "document.getElementById('root').replaceChildren()")


def script(world: World, application: str, path: str, text: str) -> None:
    """Serve a script of an application."""
    host = names.public_host(application)

    def serve(request: Request, response: Response) -> Response:
        if request.url.hostname != host or request.url.path != path:
            return response
        return HTMLResponse(text, headers={"content-type": "text/javascript"})

    world.applications.tampering.append(serve)
