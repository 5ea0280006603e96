"""Applications that know Authentik by another host than most: it states the issuer of the host that it is asked by
(facts/authentik-oidc.md, "Issuer derivation")."""

from __future__ import annotations

from typing import Any, Final

from lab import names
from lab.arrangements import put_route
from lab.cluster.seed.routes import host_rule
from lab.registry import Table, described
from lab.shapes import shape
from lab.world import World

SECOND_HOST: Final = f"login.{names.DOMAIN}"
BY_SECOND_HOST: Final = ("argocd", "grafana")
INSIDE: Final = "http://authentik-server.authentik.svc"


def _by_second_host(estate: Table) -> None:
    estate["authentik"]["further_urls"] = [f"https://{SECOND_HOST}"]
    for app in estate["oidc"]:
        if app["name"] in BY_SECOND_HOST:
            app["issuer"] = f"https://{SECOND_HOST}/application/o/{app['slug']}/"


def _at_second_host(value: Any) -> Any:  # noqa: ANN401
    """The same text or table, with the second host wherever the first one stands."""
    if isinstance(value, dict):
        return {_at_second_host(key): _at_second_host(each) for key, each in value.items()}
    return value.replace(names.AUTH_HOST, SECOND_HOST) if isinstance(value, str) else value


@shape("second-domain", describe=_by_second_host)
def second_domain(world: World) -> None:
    """Authentik has a second host, by which Argo CD and Grafana log in."""
    backend = {"name": "authentik-server", "port": 80}
    put_route(world, "authentik-login", "authentik", host_rule(SECOND_HOST), backend)
    for name in BY_SECOND_HOST:
        party = world.applications[name]
        for setting in ("issuer", "authorize_url", "token_url", "userinfo_url", "discovery"):
            setattr(party, setting, _at_second_host(getattr(party, setting)))
    for namespace, name in (("argocd", "argocd-cm"), ("grafana", "grafana")):
        settings = world.cluster.get("configmaps", namespace, name)
        settings["data"] = _at_second_host(settings["data"])


def _issuer_inside(estate: Table) -> None:
    infisical = described(estate, "infisical")
    infisical["issuer"] = f"{INSIDE}/application/o/infisical/"


@shape("issuer-inside-the-cluster", describe=_issuer_inside)
def issuer_inside_the_cluster(world: World) -> None:
    """Infisical sends browsers to Authentik's public host, and asks its Service for tokens and keys itself: its issuer
    and endpoints can be given one by one (infisical.com, General OIDC, configuration type Custom)."""
    party = world.applications["infisical"]
    own = f"{INSIDE}/application/o"
    known = party.discovery.pop(party.issuer)
    party.issuer, party.token_url, party.userinfo_url = f"{own}/infisical/", f"{own}/token/", f"{own}/userinfo/"
    endpoints = {"token_endpoint": party.token_url, "jwks_uri": f"{party.issuer}jwks/"}
    party.discovery[party.issuer] = {**known, "issuer": party.issuer, **endpoints}
