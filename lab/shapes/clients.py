"""Other settings of relying parties and of their providers, each a sound one."""

from __future__ import annotations

import html
from typing import Final

import yaml
from starlette.requests import Request
from starlette.responses import Response

from lab import names, seeded
from lab.applications import dex
from lab.applications.answers import page
from lab.applications.state import Application
from lab.arrangements import put_route
from lab.authentik.providers import RedirectURI
from lab.cluster.seed.routes import rule_of
from lab.registry import Describe, Table, described
from lab.shapes import shape
from lab.world import World

DEX_CALLBACK: Final = f"https://{names.public_host('argocd')}{dex.PATH}/callback"
DEX_ELSEWHERE: Final = f"https://{names.public_host('dex')}{dex.PATH}/callback"
CLI_CALLBACK: Final = "http://localhost:8085/auth/callback"
GLOBAL_ISSUER: Final = f"{names.AUTH_URL}/"


def _one_issuer(estate: Table) -> None:
    for app in (*estate["oidc"], estate["client"]):
        if app["slug"] != "argocd":
            app["issuer"] = GLOBAL_ISSUER


@shape("global-issuer", describe=_one_issuer)
def global_issuer(world: World) -> None:
    """All providers call themselves by one issuer, but for Argo CD's: it looks for discovery under the issuer."""
    for provider in world.authentik.providers.values():
        application = world.authentik.application_of(provider)
        if application is None or application.slug == "argocd" or application.slug in names.GATED_APPLICATIONS:
            continue
        provider.issuer_mode = "global"
        if application.slug in names.OIDC_APPLICATIONS:
            party = world.applications[application.slug]
            known = party.discovery.pop(party.issuer)
            party.issuer = GLOBAL_ISSUER
            party.discovery[GLOBAL_ISSUER] = {**known, "issuer": GLOBAL_ISSUER}


def _public_grafana(estate: Table) -> None:
    grafana = described(estate, "grafana")
    grafana |= {"client_type": "public", "pkce": True}
    del grafana["secret"]


@shape("public-client", describe=_public_grafana)
def public_client(world: World) -> None:
    """Grafana is a public client: it has no secret, and proves by PKCE that it started the login."""
    provider = seeded.provider(world, "grafana")
    provider.client_type = "public"
    grafana = world.applications["grafana"]
    grafana.use_pkce, grafana.secret_from_env, grafana.client_secret = True, None, ""
    cluster = world.cluster
    for kind in ("secrets", "externalsecrets"):
        cluster.delete(kind, "grafana", "grafana-oidc")
    del seeded.container(world, "grafana", "grafana")["envFrom"]


def _by_dex(callback: str) -> Describe:
    def describe(estate: Table) -> None:
        argocd = described(estate, "argocd")
        argocd["redirect_uris"] = [callback]

    return describe


@shape("argocd-by-dex", describe=_by_dex(DEX_CALLBACK))
def argocd_by_dex(world: World) -> None:
    """Argo CD asks its own Dex, and Dex asks Authentik, as Authentik's guide has it (field/reports.md 8)."""
    application = _ask_dex(world, DEX_CALLBACK)
    settings = world.cluster.get("configmaps", "argocd", "argocd-cm")["data"]
    del settings["oidc.config"]
    connector = {"issuer": application.issuer, "clientID": "argocd", "clientSecret": application.client_secret}
    entry = {"type": "oidc", "id": dex.CONNECTOR, "name": "Authentik", "config": connector}
    settings["dex.config"] = yaml.safe_dump({"connectors": [entry]})


@shape("argocd-by-dex-of-two-connectors", describe=_by_dex(DEX_CALLBACK))
def argocd_by_dex_of_two_connectors(world: World) -> None:
    """Argo CD's Dex knows GitHub besides, and asks by whom to log in (dexidp/dex, web/templates/login.html)."""
    argocd_by_dex(world)
    settings = world.cluster.get("configmaps", "argocd", "argocd-cm")["data"]
    known = yaml.safe_load(settings["dex.config"])
    known["connectors"].insert(0, {"type": "github", "id": "github", "name": "GitHub", "config": {"clientID": "x"}})
    settings["dex.config"] = yaml.safe_dump(known)

    def asks(request: Request, response: Response) -> Response:
        if (request.url.hostname, request.url.path) != (names.public_host("argocd"), f"{dex.PATH}/auth"):
            return response
        query = html.escape(request.url.query)
        links = (f'<a href="{dex.PATH}/auth/{to}?{query}" target="_self">{to}</a>' for to in ("github", dex.CONNECTOR))
        return page("dex", "".join(links))

    world.applications.tampering.append(asks)


def _by_a_dex_elsewhere(estate: Table) -> None:
    _by_dex(DEX_ELSEWHERE)(estate)
    argocd = described(estate, "argocd")
    # Dex holds the provider's secret; what Argo CD holds is for Dex.
    argocd["secret"] = False


@shape("argocd-by-a-dex-elsewhere", describe=_by_a_dex_elsewhere)
def argocd_by_a_dex_elsewhere(world: World) -> None:
    """Argo CD trusts a Dex that has a host of its own, as any other issuer, and that asks Authentik."""
    _ask_dex(world, DEX_ELSEWHERE)
    settings = world.cluster.get("configmaps", "argocd", "argocd-cm")["data"]
    trusted = {"issuer": DEX_ELSEWHERE.removesuffix("/callback"), "clientID": dex.CLIENT}
    settings["oidc.config"] = yaml.safe_dump(yaml.safe_load(settings["oidc.config"]) | trusted)
    backend = {"name": "argocd-server", "port": 80}
    put_route(world, "dex", "argocd", rule_of("dex"), backend)


def _ask_dex(world: World, callback: str) -> Application:
    application = world.applications["argocd"]
    application.by_dex, application.redirect_path = True, callback
    seeded.provider(world, "argocd").redirect_uris = [RedirectURI(callback)]
    return application


def _public_argocd(estate: Table) -> None:
    argocd = described(estate, "argocd")
    argocd |= {"client_type": "public", "pkce": True, "redirect_uris": [*argocd["redirect_uris"], CLI_CALLBACK]}
    del argocd["secret"]


@shape("argocd-by-pkce", describe=_public_argocd)
def argocd_by_pkce(world: World) -> None:
    """Argo CD is a public client with PKCE, for its page and its command line (facts/argocd.md)."""
    provider, argocd, cluster = seeded.provider(world, "argocd"), world.applications["argocd"], world.cluster
    provider.client_type = "public"
    provider.redirect_uris = [*provider.redirect_uris, RedirectURI(CLI_CALLBACK)]
    argocd.use_pkce, argocd.client_secret = True, ""
    settings = cluster.get("configmaps", "argocd", "argocd-cm")["data"]
    config = yaml.safe_load(settings["oidc.config"])
    del config["clientSecret"]
    settings["oidc.config"] = yaml.safe_dump(config | {"enablePKCEAuthentication": True, "cliClientID": "argocd"})
    for kind in ("secrets", "externalsecrets"):
        cluster.delete(kind, "argocd", "argocd-oidc")


def _signed_by_secret(estate: Table) -> None:
    described(estate, "infisical")["signing_key"] = False


@shape("tokens-signed-by-the-secret", describe=_signed_by_secret)
def tokens_signed_by_the_secret(world: World) -> None:
    """Infisical's ID tokens are HS256 on purpose: it is told so (infisical.com, General OIDC, JWT Signature Algorithm),
    and OpenID Connect allows it (Core 1.0 section 10.1)."""
    seeded.provider(world, "infisical").signing_key = None
    world.applications["infisical"].verifies_by_secret = True
