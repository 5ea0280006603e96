"""The runbook's applications, each with the settings that agree with the seeded providers."""

from __future__ import annotations

from typing import Final

from lab import names
from lab.applications.secrets import read_environment
from lab.applications.state import Application, Applications, Kind
from lab.authentik.providers import Claims
from lab.world import World

PAGES: Final = {"longhorn": "Longhorn", "hubble": "Hubble UI", "sympozium": "Sympozium"}
GRAFANA_SECRET: Final = ("grafana", "grafana-oidc", "GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET")


def argocd_role(claims: Claims) -> str:
    """argocd-rbac-cm: the platform's admins administer, whoever else can log in reads."""
    return "admin" if "platform-admins" in claims.get("groups", ()) else "readonly"


def grafana_role(claims: Claims) -> str:
    """Grafana's role_attribute_path: a missing groups claim silently makes a Viewer."""
    groups = claims.get("groups", ())
    if "platform-admins" in groups:
        return "Admin"
    return "Editor" if "devops" in groups else "Viewer"


def seed(world: World) -> Applications:
    """The runbook's applications, each with the settings that agree with the seeded providers."""
    made = [_argocd(), _grafana(), _infisical(world)]
    made.append(Application("whoami", "echo", "whoami", _base_url("whoami")))
    made += [Application(name, "page", title, _base_url(name)) for name, title in PAGES.items()]
    made += [_extra_oidc(name) for name in world.extra_oidc]
    made += [
        Application(name, "page", name.replace("-", " ").capitalize(), _base_url(name)) for name in world.extra_gated
    ]
    for application in made:
        read_environment(world, application)
    return Applications(world.clock.started, {application.name: application for application in made})


def _base_url(name: str) -> str:
    return f"https://{names.public_host(name)}"


def _relying_party(name: str, kind: Kind, title: str, redirect_path: str) -> Application:
    base = f"{names.AUTH_URL}/application/o"
    application = Application(
        name,
        kind,
        title,
        _base_url(name),
        client_id=name,
        issuer=f"{base}/{name}/",
        authorize_url=f"{base}/authorize/",
        token_url=f"{base}/token/",
        userinfo_url=f"{base}/userinfo/",
        redirect_path=redirect_path,
    )
    # It has been running for days: its issuer answered once, and it never asks again.
    application.discovery[application.issuer] = {
        "issuer": application.issuer,
        "authorization_endpoint": application.authorize_url,
        "token_endpoint": application.token_url,
        "jwks_uri": f"{application.issuer}jwks/",
    }
    return application


def _argocd() -> Application:
    application = _relying_party("argocd", "argocd", "Argo CD", "/auth/callback")
    application.client_secret = "$argocd-oidc:oidc.authentik.clientSecret"
    application.scopes = ("openid", "profile", "email", "groups", "offline_access")
    application.role_of = argocd_role
    return application


def _grafana() -> Application:
    application = _relying_party("grafana", "grafana", "Grafana", "/login/generic_oauth")
    application.secret_from_env = GRAFANA_SECRET
    application.scopes = ("openid", "profile", "email", "groups", "offline_access")
    application.role_of = grafana_role
    return application


def _infisical(world: World) -> Application:
    # Its settings live in its own database, entered by hand.
    application = _relying_party("infisical", "infisical", "Infisical", "/api/v1/sso/oidc/callback")
    application.client_secret = world.secrets.client_secret("infisical")
    application.org_slug = "frank"
    return application


def _extra_oidc(name: str) -> Application:
    application = _relying_party(name, "relying-party", name, "/callback")
    application.secret_from_env = (name, "oidc-client", "OIDC_CLIENT_SECRET")
    return application
