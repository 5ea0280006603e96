"""Logins, hosts and replicas that are a little different, and work (runbook H1, H3, H4)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from lab import names, seeded
from lab.arrangements import put_object, put_route
from lab.authentik.accounts import stable_uuid
from lab.authentik.flows.model import AUTHENTICATION, Stage
from lab.authentik.sessions import Session
from lab.cluster.seed.routes import MIDDLEWARE_NAMESPACE, TRAEFIK, host_rule
from lab.faults.rewriting import at, login_asks, where
from lab.variants import variant
from lab.world import World


@variant("second-factor-of-somebody-else", of=("second-factor-demanded",))
def second_factor_of_somebody_else(world: World) -> None:
    """Alice enrolled a TOTP device; the probe user has none, and is asked for none."""
    alice = seeded.user(world, "alice")
    alice.totp_seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@variant("logouts-told-by-the-back-channel", of=("argocd-logout-forgets-the-cookie-only",))
def logouts_told_by_the_back_channel(world: World) -> None:
    """Applications end their sessions where Authentik tells them that its own has ended: those that hold tokens of it
    (goauthentik/authentik, providers/oauth2/signals.py; OpenID Connect Back-Channel Logout 1.0)."""
    state, applications = world.authentik, world.applications.by_name
    for name in applications.keys() & {*names.OIDC_APPLICATIONS}:
        seeded.provider(world, name).logout_uri = f"https://{names.public_host(name)}/backchannel-logout"

    def tell(ended: Session) -> None:
        holding = {token.grant.provider for token in state.access_tokens.values() if token.grant.session == ended.key}
        for provider in (state.providers[pk] for pk in holding if state.providers[pk].logout_uri):
            application = state.application_of(provider)
            if application is not None and application.slug in applications:
                applications[application.slug].sessions.clear()

    state.told.append(tell)


@variant("logouts-told-by-frames", of=("argocd-logout-refused",))
def logouts_told_by_frames(world: World) -> None:
    """Applications are told of a logout by frames in Authentik's page, which goes on once they are loaded (Authentik's
    documentation, Single Logout; its source, providers/iframe_logout.py)."""
    for slug in names.OIDC_APPLICATIONS:
        provider = seeded.provider(world, slug)
        provider.logout_method, provider.logout_uri = "frontchannel", f"https://{names.public_host(slug)}/logged-out"


@variant("login-with-a-notice", of=("login-denied",))
def login_with_a_notice(world: World) -> None:
    """The login flow shows a notice in a prompt stage, which asks for nothing (Authentik's source: stages/prompt)."""
    notice = {"field_key": "notice", "label": "Notice", "type": "static", "initial_value": "<p>Maintenance</p>"}
    language = {"field_key": "locale", "label": "Language", "type": "ak-locale", "initial_value": "en"}
    said = {"required": False, "placeholder": "", "order": 0, "choices": None}
    fields = [{**said, **notice}, {**said, **language}]
    stage = Stage(stable_uuid("stage", "login-notice"), "login-notice", "prompt", {"fields": fields})
    world.authentik.flows[AUTHENTICATION].stages.insert(-1, stage)


@variant("login-start-with-a-language", of=("grafana-sends-a-request-object", "public-client-without-pkce"))
def login_start_with_a_language(world: World) -> None:
    """Grafana's authorization request asks for a language, which Authentik may pass over."""
    world.applications.tampering.append(login_asks(names.public_host("grafana"), "ui_locales=es"))


@variant("grafana-knows-somebody-else-from-before", of=("grafana-knows-the-user-from-before",))
def grafana_knows_somebody_else_from_before(world: World) -> None:
    """Grafana has a user that was made by hand, and is nobody who logs in here."""
    world.applications["grafana"].strangers.add("local-admin@example.org")


@variant("retired-host-says-that-it-is-gone", of=("retired-host-still-answers",))
def retired_host_says_that_it_is_gone(world: World) -> None:
    """The retired host has a route, and what answers there says 410 to everybody."""
    host = names.public_host("old")
    put_route(world, "old", "grafana", host_rule(host), {"name": "grafana", "port": 80})
    gone = where(lambda request, _: request.url.hostname == host, lambda _request, _response: _gone())
    world.edge.tampering.append(gone)


def _gone() -> Response:
    return PlainTextResponse("gone", 410)


@variant("alive-with-a-header-more", of=("authentik-core-down", "health-kept-by-a-cache"))
def alive_with_a_header_more(world: World) -> None:
    """What stands before the health address says in headers who it is, and that it kept nothing."""

    def change(_: Request, response: Response) -> Response:
        response.headers["via"], response.headers["age"] = "1.1 ingress", "0"
        return response

    world.authentik.tampering.append(where(at("/-/health/"), change))


@variant("endpoints-in-another-order", of=("server-pod-behind-no-service",))
def endpoints_in_another_order(world: World) -> None:
    """The Service's endpoints are listed the other way round."""
    for piece in world.cluster.list("endpointslices", "authentik"):
        piece["endpoints"].reverse()


@variant("header-of-the-ingress", of=("identity-headers-not-cleared",))
def header_of_the_ingress(world: World) -> None:
    """Whoami's route gives its requests a header more, by which nobody is known."""
    spec = {"headers": {"customRequestHeaders": {"X-Came-By": "ingress"}}}
    put_object(world, TRAEFIK, "Middleware", "came-by", MIDDLEWARE_NAMESPACE, spec=spec)
    rule = world.cluster.get("ingressroutes", "whoami", "whoami")["spec"]["routes"][0]
    rule["middlewares"].append({"name": "came-by", "namespace": MIDDLEWARE_NAMESPACE})
