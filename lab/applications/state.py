"""What the applications really run with: their settings as relying parties, and who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from lab.authentik.providers import Claims

Kind = Literal["argocd", "grafana", "infisical", "relying-party", "generic", "page", "echo"]
# Namespace, name and key of a Secret.
SecretKey = tuple[str, str, str]


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
    connection. `signs_up` is False where nobody gets an account by logging in; `keeps_session_in_cookie` is how
    Infisical ends a login from 0.159.14 on; with `by_dex` Argo CD asks its Dex, and Dex the issuer. A generic one goes
    about its logins in a `manner` (lab.applications.manners); `clock_error` is how far its machine's clock is from
    the others'. `discovery` is
    what the process remembers of an issuer, `key_sets` of its keys; `sessions` maps a session's key to its claims,
    `pending` the key of a started login to that login; `revoked` are tokens signed out, `accounts` the users it
    made at their first login, by e-mail address; `strangers` those whom it knows otherwise, and lets nobody log in as;
    `allowed_groups` are those whose users it accepts, where that is not everybody; `verifies_by_secret`: it takes ID
    tokens that are signed by its client secret (HS256), and no others.
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
    prompt: str = ""
    response_type: str = "code"
    response_mode: str = ""
    role_of: Callable[[Claims], str] = lambda _: "user"
    logout_ends_session: bool = True
    org_slug: str = ""
    signs_up: bool = True
    keeps_session_in_cookie: bool = False
    by_dex: bool = False
    manner: str = ""
    clock_error: timedelta = timedelta()
    discovery: dict[str, Claims] = field(default_factory=dict, repr=False)
    key_sets: dict[str, Claims] = field(default_factory=dict, repr=False)
    sessions: dict[str, Claims] = field(default_factory=dict, repr=False)
    pending: dict[str, PendingLogin] = field(default_factory=dict, repr=False)
    revoked: set[str] = field(default_factory=set, repr=False)
    strangers: set[str] = field(default_factory=set)
    allowed_groups: frozenset[str] = frozenset()
    verifies_by_secret: bool = False
    accounts: set[str] = field(default_factory=set)
    references: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def redirect_uri(self) -> str:
        """Where the application tells the issuer to send people back; a Dex of its own host stands there in full."""
        return self.redirect_path if "://" in self.redirect_path else f"{self.base_url}{self.redirect_path}"

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
