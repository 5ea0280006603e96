"""What logging in leaves behind: sessions, plans of flows, codes, tokens, gate sessions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from lab.authentik.flows.model import Stage

Value = TypeVar("Value")

# A lab that serves for days forgets its oldest sessions and tokens, instead of growing.
_KEPT: Final = 20_000


def remember(table: dict[str, Value], key: str, value: Value) -> Value:
    """File a value under its key, at the expense of the oldest in a full table; returns the value."""
    table[key] = value
    if len(table) > _KEPT:
        del table[next(iter(table))]
    return value


@dataclass
class Plan:
    """A flow in progress: its stages (primary keys; OAuth adds one of its own at the end) and where it stands.

    `context` is what the stages found out so far, `finish` the authorization that a consent flow leads to.
    """

    flow: str
    stages: list[Stage]
    user: int | None = None
    identifier: str = ""
    methods: list[str] = field(default_factory=list)
    failures: int = 0
    consent_token: str = field(default="", repr=False)
    authorization: AuthorizationRequest | None = field(default=None, repr=False)
    redirect_to: str = ""


@dataclass
class Session:
    """A browser's session; anonymous until a login stage sets `user`.

    `application` is the slug for which a login was asked, `reauthenticate` the login that a client found too old.
    """

    key: str = field(repr=False)
    created: datetime
    expires: datetime
    user: int | None = None
    authenticated_at: datetime | None = None
    methods: list[str] = field(default_factory=list)
    plan: Plan | None = field(default=None, repr=False)
    application: str = ""
    reauthenticate: datetime | None = None
    last_ip: str = ""
    user_agent: str = ""
    last_used: datetime | None = None
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))
    csrf: str = field(default="", repr=False)


@dataclass
class AuthorizationRequest:
    """What a client asked for at the authorization endpoint, validated."""

    provider: int
    redirect_uri: str
    response_type: str
    scopes: list[str]
    state: str = field(default="", repr=False)
    nonce: str | None = field(default=None, repr=False)
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    challenge: str | None = field(default=None, repr=False)
    challenge_method: str | None = None
    by_form: bool = False

    @property
    def in_fragment(self) -> bool:
        """Whether the answer goes into the fragment: implicit and hybrid."""
        return self.response_type != "code"


@dataclass
class Grant:
    """What a user granted a client: shared by code, access and refresh token."""

    provider: int
    user: int
    scopes: list[str]
    auth_time: datetime
    nonce: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)
    methods: list[str] = field(default_factory=list)


@dataclass
class AuthorizationCode:
    """A code, its PKCE challenge and its end."""

    code: str = field(repr=False)
    grant: Grant
    expires: datetime
    challenge: str | None = field(default=None, repr=False)
    challenge_method: str | None = None


@dataclass
class IssuedToken:
    """An access or refresh token; `claims` are those that introspection repeats."""

    token: str = field(repr=False)
    grant: Grant
    expires: datetime
    claims: dict[str, Any] = field(default_factory=dict, repr=False)
    revoked: bool = False


@dataclass
class DeviceCode:
    """A device authorization; `user` is set once somebody entered the user code."""

    device_code: str = field(repr=False)
    user_code: str = field(repr=False)
    provider: int
    scopes: list[str]
    expires: datetime
    user: int | None = None


@dataclass
class GateSession:
    """A session of the proxy outpost, by its cookie's value; without claims until the callback came.

    `session` is the browser session at the core that it hangs on; header authentication has none.
    """

    sid: str = field(repr=False)
    client_id: str
    expires: datetime
    claims: dict[str, Any] | None = field(default=None, repr=False)
    token: str = field(default="", repr=False)
    user: int | None = None
    session: str | None = field(default=None, repr=False)
