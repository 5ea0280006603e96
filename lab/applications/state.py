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
    """One application: what it is, its settings as a relying party, and what its process and its database hold."""

    name: str
    kind: Kind
    title: str
    base_url: str
    # Whether it takes connections.
    up: bool = True
    # How far its machine's clock is from the others'.
    clock_error: timedelta = timedelta()

    # Its client. A secret that starts with `$` is Argo CD's reference, resolved at each use and kept in `references`;
    # any other is what the process holds, and a new process gets from `secret_from_env` (see `restart`).
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    secret_from_env: SecretKey | None = None
    references: dict[str, str] = field(default_factory=dict, repr=False)

    # Its issuer. Not configured: nobody entered the OIDC settings.
    configured: bool = True
    issuer: str = ""
    authorize_url: str = ""
    token_url: str = ""
    userinfo_url: str = ""

    # How it asks for a login.
    redirect_path: str = ""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    use_pkce: bool = False
    prompt: str = ""
    response_type: str = "code"
    response_mode: str = ""
    # Takes ID tokens that are signed by its client secret (HS256), and no others.
    verifies_by_secret: bool = False

    # Whom it lets in as what. Without `signs_up` nobody gets an account by logging in.
    role_of: Callable[[Claims], str] = lambda _: "user"
    signs_up: bool = True
    # Those whose users it accepts, where that is not everybody.
    allowed_groups: frozenset[str] = frozenset()
    logout_ends_session: bool = True

    # Of one kind only. Argo CD: it asks its Dex, and Dex the issuer.
    by_dex: bool = False
    # Infisical: its organization, and that a login ends with a session cookie, as from 0.159.14 on.
    org_slug: str = ""
    keeps_session_in_cookie: bool = False
    # A generic one: how it goes about its logins (lab.applications.manners).
    manner: str = ""

    # What the process remembers: of an issuer, of its keys, of a session by its key, of a login that was started.
    discovery: dict[str, Claims] = field(default_factory=dict, repr=False)
    key_sets: dict[str, Claims] = field(default_factory=dict, repr=False)
    sessions: dict[str, Claims] = field(default_factory=dict, repr=False)
    pending: dict[str, PendingLogin] = field(default_factory=dict, repr=False)
    # Tokens that were signed out.
    revoked: set[str] = field(default_factory=set, repr=False)

    # Users by e-mail address: made at their first login; and those whom it knows otherwise, and lets nobody log in as.
    accounts: set[str] = field(default_factory=set)
    strangers: set[str] = field(default_factory=set)

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
