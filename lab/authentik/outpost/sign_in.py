"""The gate's own login: start, callback and sign-out, with the state that travels between them."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.responses import Response

from lab.authentik.jose import seal, unseal
from lab.authentik.outpost.application import PREFIX, GatedApplication
from lab.authentik.outpost.backchannel import RedeemFailed, redeem
from lab.authentik.outpost.identity import new_session, session_of, unnamed_session
from lab.authentik.responses import empty, go_redirect
from lab.authentik.sessions import GateSession, remember

State = dict[str, Any]


def start(application: GatedApplication, return_to: str = "") -> Response:
    """Send the browser to the core; `return_to` is where it wanted to go, else `rd` says so."""
    exchange, provider = application.exchange, application.provider
    sid = application.cookie
    if not sid:
        sid = base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=")
        expires = exchange.now + application.lifetime
        remember(application.state.gate_sessions, exchange.kept_as(sid), GateSession(sid, provider.client_id, expires))
        exchange.cookies.append(application.set_cookie(sid, application.lifetime))
    state = {
        "iss": f"goauthentik.io/outpost/{provider.client_id}",
        "sid": sid,
        "state": secrets.token_urlsafe(32),
        "redirect": return_to or _wanted(application),
    }
    return go_redirect(exchange, application.authorize_url(seal(state, provider.cookie_secret)))


def _wanted(application: GatedApplication) -> str:
    """The `rd` parameter, if it belongs to this application: by host, or in domain mode by mere suffix."""
    wanted, provider = application.exchange.query.get("rd", ""), application.provider
    if not wanted or application.state.rules.gate_keeps_foreign_return:
        return wanted
    if provider.mode == "forward_domain":
        inside = urlsplit(wanted).netloc.endswith(provider.cookie_domain)
    else:
        # The outpost looks for "//host" anywhere in the address.
        inside = f"//{provider.host}" in wanted
    if not inside:
        application.log("redirect URI did not contain external host", "warning", url=wanted)
    return wanted if inside else ""


def _state_of(application: GatedApplication, text: str) -> State | None:
    state = unseal(text, application.provider.cookie_secret) if text else None
    if state is None:
        application.log("failed to parse state jwt", "warning", error="token is malformed")
        return None
    if state.get("iss") != f"goauthentik.io/outpost/{application.provider.client_id}":
        application.log("issuer mismatch", "warning")
        return None
    if state.get("sid") != application.cookie:
        application.log("mismatched session ID", "warning")
        return None
    return state


def callback(application: GatedApplication, query_string: str) -> Response:
    """Redeem the code and send the browser where it wanted to go; without a session if that fails."""
    query = {name: values[-1] for name, values in parse_qs(query_string).items()}
    state = _state_of(application, query.get("state", ""))
    if state is None:
        application.log("invalid state", "warning")
        return empty(400)
    try:
        token, claims = redeem(application, query.get("code", ""))
    except RedeemFailed as failure:
        application.log("failed to redeem code", "warning", error=str(failure))
    else:
        session = new_session(application, application.cookie, token, claims)
        session.expires = datetime.fromtimestamp(claims["exp"], UTC)
        lifetime = session.expires - application.exchange.now
        application.exchange.cookies.append(application.set_cookie(session.sid, lifetime))
    return go_redirect(application.exchange, state["redirect"] or application.provider.external_host)


def sign_out(application: GatedApplication) -> Response:
    """End the gate's sessions of the user, and go on to end the core's; without one, start a login."""
    exchange, provider, state = application.exchange, application.provider, application.state
    session = session_of(application)
    if session is None or session.claims is None:
        if not application.cookie:
            exchange.cookies.append(application.set_cookie(unnamed_session(), application.lifetime))
        back = urlencode({"rd": f"{provider.external_host}{exchange.path}"})
        return go_redirect(exchange, f"{provider.external_host}{PREFIX}/start?{back}")
    for name, other in list(state.gate_sessions.items()):
        if other.client_id == provider.client_id and other.user == session.user:
            del state.gate_sessions[name]
    hint = urlencode({"id_token_hint": session.token})
    return go_redirect(exchange, f"{application.base}/application/o/{application.slug}/end-session/?{hint}")
