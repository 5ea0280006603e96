"""What the applications really run with: their settings as relying parties, and who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from lab import names
from lab.applications.secrets import resolve_argocd_reference, secret_value

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from lab.world import World

Kind = Literal["argocd", "grafana", "infisical", "relying-party", "page", "echo"]
Claims = dict[str, Any]
# Namespace, name and key of a Secret.
SecretKey = tuple[str, str, str]

PAGES: Final = {"longhorn": "Longhorn", "hubble": "Hubble UI", "sympozium": "Sympozium"}
GRAFANA_SECRET: Final = ("grafana", "grafana-oidc", "GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET")


@dataclass
class PendingLogin:
    """A login that was started and whose callback has not come yet."""

    state: str = field(repr=False)
    verifier: str = field(default="", repr=False)


@dataclass
class Application:
    """One application; from `client_id` on only relying parties use the settings.

    A `client_secret` that starts with `$` is Argo CD's reference, resolved at each use and kept in `references`;
    any other is what the process holds. `secret_from_env` is where a new process gets it from (see `restart`).
    `configured` is False when nobody entered the OIDC settings. An application that is not `up` takes no
    connection. `discovery` is what the process remembers of an issuer, `key_sets` of its keys; `sessions` maps
    a session's key to its claims, `pending` the key of a started login to that login; `revoked` are tokens
    signed out, `accounts` the users it made at their first login, by e-mail address.
    """

    name: str
    kind: Kind
    title: str
    base_url: str
    up: bool = True
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    secret_from_env: SecretKey | None = None
    issuer: str = ""
    authorize_url: str = ""
    token_url: str = ""
    userinfo_url: str = ""
    redirect_path: str = ""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    configured: bool = True
    use_pkce: bool = False
    role_of: Callable[[Claims], str] = lambda _: "user"
    logout_ends_session: bool = True
    org_slug: str = ""
    discovery: dict[str, Claims] = field(default_factory=dict, repr=False)
    key_sets: dict[str, Claims] = field(default_factory=dict, repr=False)
    sessions: dict[str, Claims] = field(default_factory=dict, repr=False)
    pending: dict[str, PendingLogin] = field(default_factory=dict, repr=False)
    revoked: set[str] = field(default_factory=set, repr=False)
    accounts: set[str] = field(default_factory=set)
    references: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def redirect_uri(self) -> str:
        """Where the application tells the issuer to send people back."""
        return f"{self.base_url}{self.redirect_path}"

    @property
    def cookie_attributes(self) -> str:
        """What a cookie of it carries: Secure only where browsers would send it back, over https."""
        secure = "; Secure" if self.base_url.startswith("https://") else ""
        return f"Path=/; HttpOnly{secure}; SameSite=Lax"


@dataclass
class Applications:
    """All applications by name; `tampering` is applied to each answer of each of them."""

    started: datetime
    by_name: dict[str, Application] = field(default_factory=dict)
    tampering: list[Callable[[Request, Response], Response]] = field(default_factory=list)

    def __getitem__(self, name: str) -> Application:
        """The application called `name`. Raises KeyError."""
        return self.by_name[name]


def argocd_role(claims: Claims) -> str:
    """argocd-rbac-cm: the platform's admins administer, whoever else can log in reads."""
    return "admin" if "platform-admins" in claims.get("groups", ()) else "readonly"


def grafana_role(claims: Claims) -> str:
    """Grafana's role_attribute_path: a missing groups claim silently makes a Viewer."""
    groups = claims.get("groups", ())
    if "platform-admins" in groups:
        return "Admin"
    return "Editor" if "devops" in groups else "Viewer"


def restart(world: World, name: str) -> None:
    """Start the application's process anew: it reads its environment again and forgets its issuer."""
    application = world.applications[name]
    application.discovery.clear()
    application.key_sets.clear()
    application.pending.clear()
    _read_environment(world, application)


def _read_environment(world: World, application: Application) -> None:
    application.references.clear()
    resolve_argocd_reference(world, application.client_secret, application.references)
    # A key that the Secret lacks leaves the variable, and so the setting, empty.
    if application.secret_from_env is not None:
        application.client_secret = secret_value(world, *application.secret_from_env) or ""


def seed_applications(world: World) -> Applications:
    """The runbook's applications, each with the settings that agree with the seeded providers."""
    made = [_argocd(), _grafana(), _infisical(world)]
    made.append(Application("whoami", "echo", "whoami", _base_url("whoami")))
    made += [Application(name, "page", title, _base_url(name)) for name, title in PAGES.items()]
    for number in range(1, world.extra_applications + 1):
        gated = f"extra-gated-{number}"
        made += [_extra_oidc(number), Application(gated, "page", f"Extra {number}", _base_url(gated))]
    for application in made:
        _read_environment(world, application)
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


def _extra_oidc(number: int) -> Application:
    name = f"extra-oidc-{number}"
    application = _relying_party(name, "relying-party", f"Extra OIDC {number}", "/callback")
    application.secret_from_env = (name, "oidc-client", "OIDC_CLIENT_SECRET")
    return application
