"""Who is at the gate: by the gate's session, or by an Authorization header."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Final

from lab.authentik.oidc.clients import decoded_basic
from lab.authentik.oidc.issuing import subject
from lab.authentik.outpost.application import GatedApplication, timestamp
from lab.authentik.outpost.backchannel import RedeemFailed, by_app_password, by_token
from lab.authentik.providers import Claims
from lab.authentik.sessions import GateSession, remember

# How long the outpost believes an Authorization header without asking again.
_REMEMBERED: Final = timedelta(seconds=60)
_PREFIX: Final = "authentik_proxy_"
_JWT_USER: Final = "goauthentik.io/token"


def unnamed_session() -> str:
    """The id of a session that no login has begun."""
    return f"authentik_proxy_session_{uuid.uuid4()}"


def session_of(application: GatedApplication) -> GateSession | None:
    """The gate session of the request's cookie, if it still counts; it may not be logged in yet."""
    state = application.state
    session = state.gate_sessions.get(application.exchange.kept_as(application.cookie))
    if session is not None and session.client_id == application.provider.client_id:
        if _alive(application, session):
            return session
    elif not state.rules.gate_bound_to_application:
        return _any_session(application)
    if application.cookie and state.release.logs_unknown_gate_cookies:
        _log_missing(application)
    return None


def _log_missing(application: GatedApplication) -> None:
    """The query that found no session, as the outpost's database library logs it: with the cookie's value.

    facts/measured-2026.8.md; the words by goauthentik/authentik, internal/outpost/proxyv2/postgresstore/logger.go.
    """
    found = f"session_key = '{application.cookie}' AND expires > '{timestamp(application.exchange.now)}'"
    query = f'SELECT * FROM "authentik_providers_proxy_proxysession" WHERE {found} LIMIT 1'  # noqa: S608 - a log's line
    application.log(query, "error", elapsed=812345, error="record not found")


def _any_session(application: GatedApplication) -> GateSession | None:
    cookies = application.exchange.request.cookies
    values = [value for name, value in cookies.items() if name.startswith(_PREFIX)]
    found = (application.state.gate_sessions.get(application.exchange.kept_as(value)) for value in values)
    return next((session for session in found if session and _alive(application, session)), None)


def _alive(application: GatedApplication, session: GateSession) -> bool:
    """Not expired; and once logged in, only while the core's session lives and its user is active."""
    state = application.state
    if session.expires <= application.exchange.now:
        return False
    if session.session is not None and session.session not in state.sessions:
        return False
    user = state.directory.users.get(session.user) if session.user is not None else None
    return session.claims is None or (user is not None and user.is_active)


def authenticated(application: GatedApplication) -> GateSession | None:
    """The logged-in session of the request; header authentication makes one, and its cookie."""
    session = session_of(application)
    if session is not None and session.claims is not None:
        return session
    header = application.exchange.header("authorization")
    if not header or not application.provider.intercept_header_auth:
        return None
    return _remembered(application, header) or _by_header(application, header)


def _remembered(application: GatedApplication, header: str) -> GateSession | None:
    session = application.state.gate_credentials.get((application.provider.client_id, header))
    now = application.exchange.now
    fresh = session is not None and session.expires - application.lifetime + _REMEMBERED > now
    return session if session is not None and fresh and _alive(application, session) else None


def _by_header(application: GatedApplication, header: str) -> GateSession | None:
    scheme, _, value = header.partition(" ")
    try:
        found = _ask_core(application, scheme.lower(), value)
    except RedeemFailed as failure:
        application.log("failed to check authorization header", "warning", error=str(failure))
        return None
    if found is None:
        return None
    session = new_session(application, unnamed_session(), *found)
    application.state.gate_credentials[application.provider.client_id, header] = session
    application.exchange.cookies.append(application.set_cookie(session.sid, application.lifetime))
    return session


def _ask_core(application: GatedApplication, scheme: str, value: str) -> tuple[str, Claims] | None:
    if scheme == "bearer":
        return by_token(application, value)
    if scheme != "basic":
        return None
    username, password = decoded_basic(value)
    if username == _JWT_USER:
        return by_token(application, password)
    return by_app_password(application, username, password)


def new_session(application: GatedApplication, sid: str, token: str, claims: Claims) -> GateSession:
    """File a logged-in gate session."""
    state, provider = application.state, application.provider
    issued = state.access_tokens.get(token)
    user = next((user.pk for user in state.directory.users.values() if subject(provider, user) == claims["sub"]), None)
    session = GateSession(sid, provider.client_id, application.exchange.now + application.lifetime, claims, token)
    session.user = user
    session.session = issued.grant.session if issued else None
    return remember(state.gate_sessions, application.exchange.kept_as(sid), session)


def headers(application: GatedApplication, session: GateSession) -> dict[str, str]:
    """What the gate tells the application about the user."""
    claims, exchange = session.claims or {}, application.exchange
    attributes = claims.get("ak_proxy", {}).get("user_attributes", {})
    told = {
        "x-authentik-username": claims.get("preferred_username", ""),
        "x-authentik-groups": "|".join(claims.get("groups", ())),
        "x-authentik-entitlements": "|".join(claims.get("entitlements", ())),
        "x-authentik-email": claims.get("email", ""),
        "x-authentik-name": claims.get("name", ""),
        "x-authentik-uid": claims.get("sub", ""),
        "x-authentik-jwt": session.token,
        "x-authentik-meta-jwks": f"{application.base}/application/o/{application.slug}/jwks/",
        "x-authentik-meta-outpost": application.view.name,
        "x-authentik-meta-provider": application.provider.name,
        "x-authentik-meta-app": application.slug,
        "x-authentik-meta-version": f"goauthentik.io/outpost/{exchange.build_version}",
    }
    extra = attributes.get("additionalHeaders", {})
    return {**told, **{name.lower(): str(value) for name, value in extra.items()}}
