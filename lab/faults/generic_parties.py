"""Faults of relying parties of other kinds (facts/generic-relying-parties.md, section 4): most read the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from lab import names, seeded
from lab.applications.manners import MANNERS
from lab.authentik.flows.model import INVALIDATION
from lab.faults import fault
from lab.faults.rewriting import replacing, where, without_cookies
from lab.registry import Table, described
from lab.world import World

_SHAPE = ("--lab-shape", "relying-parties")


def _holds_another_secret(world: World, name: str) -> None:
    world.applications[name].client_secret = world.secrets.client_secret(f"{name} before the rotation")


def _trusts_another_issuer(world: World, name: str) -> None:
    """By hand, with the endpoints of the right one: what it starts is accepted, what it gets is not."""
    application = world.applications[name]
    known = application.discovery.pop(application.issuer)
    application.issuer = f"https://auth.cluster.derio.net/application/o/{name}/"
    application.discovery[application.issuer] = known


@fault(
    "proxy-process-holds-another-secret",
    known_from="facts/generic-relying-parties.md 4.1: oauth2-proxy answers 500, its log says invalid_client",
    turns_red=("OIDC-LOGIN-01[oauth2-proxy]",),
    options=_SHAPE,
    blocks=("[oauth2-proxy]",),
)
def proxy_process_holds_another_secret(world: World) -> None:
    """The Secret is the right one, and what runs still holds the one of before."""
    _holds_another_secret(world, "oauth2-proxy")


@fault(
    "apache-holds-another-secret",
    known_from="facts/generic-relying-parties.md 4.1: a page titled Error, with status 200",
    turns_red=("OIDC-LOGIN-01[mod-auth-openidc]",),
    options=_SHAPE,
    blocks=("[mod-auth-openidc]",),
)
def apache_holds_another_secret(world: World) -> None:
    """Apache's module holds another client secret than its provider has: its page says that there was an error."""
    _holds_another_secret(world, "mod-auth-openidc")


@fault(
    "miniflux-trusts-another-issuer",
    known_from="facts/generic-relying-parties.md 4.3: byte for byte what a wrong secret shows",
    turns_red=("OIDC-LOGIN-01[miniflux]",),
    options=_SHAPE,
    blocks=("[miniflux]",),
)
def miniflux_trusts_another_issuer(world: World) -> None:
    """Miniflux expects tokens of another issuer, and shows its own start page again."""
    _trusts_another_issuer(world, "miniflux")


@fault(
    "apache-trusts-another-issuer",
    known_from="facts/generic-relying-parties.md 4.3; mod_auth_openidc, src/proto.c",
    turns_red=("OIDC-LOGIN-01[mod-auth-openidc]",),
    options=_SHAPE,
    blocks=("[mod-auth-openidc]",),
)
def apache_trusts_another_issuer(world: World) -> None:
    """Apache's module expects tokens of another issuer."""
    _trusts_another_issuer(world, "mod-auth-openidc")


@fault(
    "apache-clock-behind",
    known_from="facts/generic-relying-parties.md 4.4: its answers' Date was 15 minutes behind",
    turns_red=("OIDC-LOGIN-01[mod-auth-openidc]",),
    options=_SHAPE,
    blocks=("[mod-auth-openidc]",),
)
def apache_clock_behind(world: World) -> None:
    """The clock of the machine that Apache runs on is 15 minutes behind: tokens come from the future."""
    world.applications["mod-auth-openidc"].clock_error = -timedelta(minutes=15)


@fault(
    "hub-process-holds-another-secret",
    known_from="facts/generic-relying-parties.md 4.1",
    turns_red=("OIDC-LOGIN-01[jupyterhub]",),
    options=_SHAPE,
    blocks=("[jupyterhub]",),
)
def hub_process_holds_another_secret(world: World) -> None:
    """JupyterHub's process holds another client secret, and answers the callback with an error page."""
    _holds_another_secret(world, "jupyterhub")


@fault(
    "hub-stopped",
    known_from="facts/generic-relying-parties.md 4.5: the ingress answers 502",
    turns_red=("OIDC-RP-01[jupyterhub]",),
    options=_SHAPE,
    blocks=("[jupyterhub]",),
)
def hub_stopped(world: World) -> None:
    """JupyterHub takes no connection any more, and its pod is Running all the same."""
    world.applications["jupyterhub"].up = False


@fault(
    "proxy-does-not-accept-the-user",
    known_from="facts/generic-relying-parties.md 4.6: email_verified is false, and oauth2-proxy answers 403",
    turns_red=("OIDC-LOGIN-01[oauth2-proxy]",),
    options=_SHAPE,
    blocks=("[oauth2-proxy]",),
)
def proxy_does_not_accept_the_user(world: World) -> None:
    """oauth2-proxy wants a verified address: it knows who comes from Authentik, and lets nobody in."""
    back = (names.public_host("oauth2-proxy"), "/oauth2/callback")
    pods = [place for place, name in world.cluster.applications.items() if name == "oauth2-proxy"]
    said = "[oauthproxy.go:889] Error redeeming code during OAuth2 callback: email in id_token (a@b.c) isn't verified"

    def refused(request: Request, _: Response) -> Response:
        world.applications["oauth2-proxy"].sessions.clear()
        for pod in pods:
            world.cluster.log(*pod, said)
        return PlainTextResponse("403 Forbidden", 403)

    world.applications.tampering.append(
        where(lambda request, _: (request.url.hostname, request.url.path) == back, refused)
    )


@fault(
    "proxy-sessions-in-cookies",
    known_from="facts/generic-relying-parties.md 3: the cookie store of oauth2-proxy",
    turns_red=("OIDC-LOGIN-03[oauth2-proxy]",),
    options=_SHAPE,
)
def proxy_sessions_in_cookies(world: World) -> None:
    """oauth2-proxy keeps its sessions in signed cookies, which no logout ends."""
    world.applications["oauth2-proxy"].logout_ends_session = False


@fault(
    "hub-keeps-the-cookie",
    known_from="a proxy that takes expired cookies off answers",
    turns_red=("OIDC-LOGIN-03[jupyterhub]",),
    options=_SHAPE,
)
def hub_keeps_the_cookie(world: World) -> None:
    """JupyterHub's logout does not take its cookie back: the browser stays signed in."""
    left = (names.public_host("jupyterhub"), "/hub/logout")
    keeps = where(lambda request, _: (request.url.hostname, request.url.path) == left, without_cookies())
    world.applications.tampering.append(keeps)


@fault(
    "miniflux-form-without-its-token",
    known_from="facts/generic-relying-parties.md 3: a logout by POST that is refused",
    turns_red=("OIDC-LOGIN-03[miniflux]",),
    options=_SHAPE,
)
def miniflux_form_without_its_token(world: World) -> None:
    """The logout form of Miniflux's page lost its hidden field, so that the logout is refused."""

    def without(request: Request, response: Response) -> Response:
        if request.url.hostname == names.public_host("miniflux"):
            response.body = bytes(response.body).replace(b'name="csrf"', b'name="other"')
        return response

    world.applications.tampering.append(without)


@fault(
    "flows-token-lost",
    known_from="facts/generic-relying-parties.md 3: a redirect to /?access_token=…, and a session by that token alone",
    turns_red=("OIDC-LOGIN-01[node-red]",),
    options=_SHAPE,
    blocks=("[node-red]",),
)
def flows_token_lost(world: World) -> None:
    """Something in front of Node-RED takes the query off its redirects, and the token with it."""

    def stripped(request: Request, response: Response) -> Response:
        location = response.headers.get("location", "")
        if request.url.hostname == names.public_host("node-red") and "access_token=" in location:
            response.headers["location"] = location.partition("?")[0]
        return response

    world.applications.tampering.append(stripped)


@fault(
    "pgadmin-button-renamed",
    known_from="facts/generic-relying-parties.md 5: the login form's button has the name of OAUTH2_NAME",
    turns_red=("OIDC-RP-01[pgadmin]",),
    options=_SHAPE,
    blocks=("[pgadmin]",),
)
def pgadmin_button_renamed(world: World) -> None:
    """pgAdmin's login form has lost its button: posting it starts no login."""

    def refused(request: Request, response: Response) -> Response:
        if request.url.hostname == names.public_host("pgadmin") and request.method == "POST":
            return Response('{"success":0}', 401, media_type="application/json")
        return response

    world.applications.tampering.append(refused)


def _ends_both(estate: Table) -> None:
    apache = described(estate, "mod-auth-openidc")
    apache["single_logout"] = True


@fault(
    "apache-way-back-not-registered",
    known_from="facts/generic-relying-parties.md 3: end-session answers 400, for nothing of type logout is registered",
    turns_red=("OIDC-LOGIN-03[mod-auth-openidc]",),
    options=_SHAPE,
    describe=_ends_both,
)
def apache_way_back_not_registered(world: World) -> None:
    """Apache's module ends Authentik's session too, and its provider does not know where it wants people back."""
    # As 2026.8 answers, by itself: of the rest of that release the other shapes tell.
    world.authentik.release = replace(world.authentik.release, refuses_foreign_logout=True)
    seeded.provider(world, "mod-auth-openidc").invalidation_flow = world.authentik.flows[INVALIDATION].pk


@fault(
    "hub-without-its-button",
    known_from="issue 13: a start page with a button; JupyterHub's template_paths, for a login page of one's own",
    turns_red=("OIDC-SEEN-01[jupyterhub]",),
    options=(*_SHAPE, "--browser"),
    blocks=("OIDC-SEEN-02[jupyterhub]",),
)
def hub_without_its_button(world: World) -> None:
    """The Hub's login page is one of its own, without the button: who knows the address of the login can log in."""
    host = names.public_host("jupyterhub")
    own = replacing(MANNERS["jupyterhub"].entrance, "<h1>Welcome to the Hub</h1>")
    world.applications.tampering.append(where(lambda request, _: request.url.hostname == host, own))
