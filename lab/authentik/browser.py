"""Browser sessions: the cookie, and how a login begins and ends one."""

from __future__ import annotations

import secrets
import string
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final

from lab.authentik.accounts import User
from lab.authentik.exchange import Exchange
from lab.authentik.jose import seal, unseal
from lab.authentik.sessions import Session, remember

SESSION_COOKIE: Final = "authentik_session"
DEVICE_COOKIE: Final = "authentik_device"
CSRF_COOKIE: Final = "authentik_csrf"
_LIFETIME: Final = timedelta(days=1)
_DEVICE_LIFETIME: Final = timedelta(days=30)
_CSRF_LIFETIME: Final = timedelta(days=364)
_ALPHABET: Final = string.ascii_lowercase + string.digits
_SIGNING: Final = "session signing key"


def _new_key() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(32))


def load(exchange: Exchange) -> None:
    """Find the session that the request's cookie names; a foreign or ended one is none."""
    cookie = exchange.request.cookies.get(SESSION_COOKIE, "")
    claims = unseal(cookie, exchange.world.secrets.client_secret(_SIGNING)) if cookie else None
    session = exchange.state.sessions.get(str(claims.get("sid"))) if claims else None
    if session is None or session.expires <= exchange.now:
        return
    exchange.session = session
    user = user_of(exchange)
    if user is not None:
        exchange.auth_via, exchange.actor = "session", user.username


def user_of(exchange: Exchange) -> User | None:
    """The active user who is logged in in this session."""
    if exchange.session is None or exchange.session.user is None:
        return None
    user = exchange.state.directory.users.get(exchange.session.user)
    return user if user is not None and user.is_active else None


def ensure(exchange: Exchange) -> Session:
    """The request's session, begun if there is none; the answer will carry its cookie."""
    exchange.save_session = True
    if exchange.session is None:
        now = exchange.now
        session = Session(_new_key(), now, now + _LIFETIME)
        session.last_ip, session.user_agent = exchange.client_ip, exchange.header("user-agent")
        session.last_used = now
        exchange.session = remember(exchange.state.sessions, session.key, session)
    return exchange.session


def log_in(exchange: Exchange, user: User, methods: list[str]) -> None:
    """Make the session the user's, under a new key; device and CSRF cookies go with it."""
    session = ensure(exchange)
    exchange.state.sessions.pop(session.key, None)
    session.key = _new_key()
    exchange.state.sessions[session.key] = session
    session.user, session.methods = user.pk, methods
    session.authenticated_at = user.last_login = exchange.now
    exchange.actor = user.username
    device = {"sub": user.uid, "exp": (exchange.now + _DEVICE_LIFETIME).timestamp()}
    value = seal(device, exchange.world.secrets.client_secret(_SIGNING))
    exchange.cookies.append(f"{DEVICE_COOKIE}={value}; {_until(exchange.now, _DEVICE_LIFETIME)}; Path=/; SameSite=Lax")
    session.csrf = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(32))
    exchange.cookies.append(
        f"{CSRF_COOKIE}={session.csrf}; {_until(exchange.now, _CSRF_LIFETIME)}; Path=/; SameSite=Lax"
        + _secure(exchange)
    )


def log_out(exchange: Exchange) -> None:
    """End the session, and with it what hangs on it: access tokens and gates' sessions. The cookie is taken back."""
    session, state = exchange.session, exchange.state
    if session is None:
        return
    state.sessions.pop(session.key, None)
    for tell in state.told:
        tell(session)
    _forget(
        state.access_tokens, [key for key, token in state.access_tokens.items() if token.grant.session == session.key]
    )
    _forget(state.gate_sessions, [sid for sid, gate in state.gate_sessions.items() if gate.session == session.key])
    exchange.session, exchange.save_session = None, False
    same_site = "None; Secure" if exchange.scheme == "https" else "Lax"
    past = "expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"
    exchange.cookies.append(f'{SESSION_COOKIE}=""; {past}; Path=/; SameSite={same_site}')


def _forget(table: dict[str, Any], keys: list[str]) -> None:
    for key in keys:
        del table[key]


def session_cookie(exchange: Exchange, session: Session) -> str:
    """The Set-Cookie value of a session; SameSite=None needs https."""
    user = exchange.state.directory.users.get(session.user) if session.user is not None else None
    claims = {
        "sid": session.key,
        "iss": "authentik",
        "sub": user.uid if user else "anonymous",
        "authenticated": user is not None,
        "acr": "goauthentik.io/core/default",
    }
    value = seal(claims, exchange.world.secrets.client_secret(_SIGNING))
    same_site = "None" if exchange.scheme == "https" else "Lax"
    return f"{SESSION_COOKIE}={value}; HttpOnly; Path=/; SameSite={same_site}{_secure(exchange)}"


def _secure(exchange: Exchange) -> str:
    return "; Secure" if exchange.scheme == "https" else ""


def _until(now: datetime, lifetime: timedelta) -> str:
    return f"expires={format_datetime(now + lifetime, usegmt=True)}; Max-Age={int(lifetime.total_seconds())}"
