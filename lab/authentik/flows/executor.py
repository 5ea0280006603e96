"""The flow executor: a challenge at a time, a redirect to itself after each stage."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.responses import Response

from lab.authentik import browser, pages
from lab.authentik.exchange import Exchange
from lab.authentik.flows.model import Flow
from lab.authentik.flows.run import Challenge, Run, page_query
from lab.authentik.flows.stages import SHOWN, TAKEN
from lab.authentik.responses import body_json, page, redirect
from lab.authentik.sessions import Plan, Session

_ALLOW: Final = "GET, POST, HEAD, OPTIONS"
_LOGGER: Final = "authentik.flows.views.executor"


def execute(exchange: Exchange, slug: str) -> Response:
    """Show the stage at hand, or take the response to it."""
    flow = exchange.state.flows.get(slug)
    if flow is None:
        return page(pages.not_found(), 404)
    session = browser.ensure(exchange)
    response = _step(exchange, flow, session)
    response.headers["allow"] = _ALLOW
    response.headers["x-frame-options"] = "SAMEORIGIN"
    return response


def _step(exchange: Exchange, flow: Flow, session: Session) -> Response:
    run = Run(exchange, flow, session, _plan(exchange, flow, session), page_query(exchange))
    if flow.authentication == "require_authenticated" and session.user is None:
        return body_json(run.denied("Flow does not apply to current user."))
    if exchange.method != "POST":
        return _after(run, SHOWN[run.stage.kind](run) if run.plan.stages else None)
    if not _csrf_passes(exchange, session):
        exchange.warn("CSRF Failed", _LOGGER, flow_slug=flow.slug)
        # Refused as nobody: the cookie says so until the session's next answer.
        exchange.save_session = False
        exchange.cookies.append(browser.session_cookie(exchange, replace(session, user=None)))
        return body_json({"component": "ak-stage-flow-error", "request_id": exchange.request_id})
    data = _data(exchange)
    if data is None:
        return body_json({"detail": "JSON parse error - unexpected content"}, 400)
    take = TAKEN.get(run.stage.kind) if run.plan.stages else None
    return _after(run, take(run, data) if take else None)


def _plan(exchange: Exchange, flow: Flow, session: Session) -> Plan:
    """The plan in progress, or a new one for a flow that the browser just came to."""
    if session.plan is None or session.plan.flow != flow.slug:
        user = browser.user_of(exchange)
        keep = user is not None and flow.designation != "authentication"
        session.plan = Plan(flow.slug, list(flow.stages), user.pk if user and keep else None)
    return session.plan


def _after(run: Run, challenge: Challenge | None) -> Response:
    """The challenge; or, once the stage is done, the way to the next one or out of the flow."""
    if challenge is not None:
        return body_json(challenge)
    if run.plan.stages:
        run.plan.stages.pop(0)
    if run.plan.stages:
        return redirect(run.exchange.target)
    run.session.plan = None
    to = run.plan.redirect_to or run.next_url or "/"
    return body_json({"component": "xak-flow-redirect", "to": to})


def _csrf_passes(exchange: Exchange, session: Session) -> bool:
    """Django's rule, which counts once the session is somebody's: the cookie repeated, and the own Referer."""
    if session.user is None:
        return True
    cookie = exchange.request.cookies.get(browser.CSRF_COOKIE, "")
    if not cookie or exchange.header("x-authentik-csrf") != cookie:
        return False
    referer = urlsplit(exchange.header("referer"))
    return exchange.scheme != "https" or (referer.scheme == "https" and referer.netloc == exchange.host)


def _data(exchange: Exchange) -> dict[str, Any] | None:
    if exchange.form:
        return dict(exchange.form)
    try:
        data = json.loads(exchange.body or b"{}")
    except ValueError:
        return None
    return data if isinstance(data, dict) else None
