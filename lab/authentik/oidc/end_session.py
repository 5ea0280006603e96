"""RP-initiated logout: it begins the provider's invalidation flow, which ends nothing by itself."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from lab.authentik import browser, pages
from lab.authentik.exchange import Exchange
from lab.authentik.flows.model import SESSION_END, Stage
from lab.authentik.oidc.authorize import login_redirect
from lab.authentik.providers import OAuth2Provider
from lab.authentik.responses import page, redirect, with_type
from lab.authentik.sessions import Plan

# What a client gets that is asked to log out while the logout it takes part in is under way.
_DONE: Final = b"<html><body>Logout successful</body></html>"
_FOREIGN: Final = "The request fails due to a missing, invalid, or mismatching redirection URI (redirect_uri)."


def end_session(exchange: Exchange, slug: str) -> Response:
    """Log a user out of an application, by way of a flow."""
    state = exchange.state
    provider = state.provider_of(slug)
    if provider is None:
        return page(pages.not_found(), 404)
    user = browser.user_of(exchange)
    if user is None:
        return login_redirect(exchange, provider.authentication_flow)
    flow = state.flow(provider.invalidation_flow)
    if flow is None:
        return page(pages.not_found(), 404)
    wanted = exchange.query.get("post_logout_redirect_uri", "")
    if wanted and exchange.state.release.refuses_foreign_logout and not _registered(exchange, provider, wanted):
        return page(pages.error("Redirect URI Error", _FOREIGN), 400)
    session = browser.ensure(exchange)
    under_way = session.plan is not None and (
        state.release.takes_any_flow_for_the_logout or session.plan.flow == flow.slug
    )
    if under_way:
        exchange.save_session = False
        return with_type(_DONE, "text/html")
    session.plan = Plan(flow.slug, list(flow.stages), user.pk, user.username)
    session.application = slug
    session.plan.redirect_to = _return_address(exchange, provider)
    if not session.plan.redirect_to:
        session.plan.stages.append(Stage("", "", SESSION_END))
    query = urlencode(parse_qsl(exchange.query_string, keep_blank_values=True))
    return redirect(f"/if/flow/{flow.slug}/" + (f"?{query}" if query else ""))


def _registered(exchange: Exchange, provider: OAuth2Provider, url: str) -> bool:
    matches = exchange.state.rules.redirect_uri_matches
    return any(matches(uri, url) for uri in provider.uris("logout"))


def _return_address(exchange: Exchange, provider: OAuth2Provider) -> str:
    """The post-logout address, if it is a registered one, with the state it is to get back."""
    wanted = exchange.query.get("post_logout_redirect_uri", "")
    if not wanted or not _registered(exchange, provider, wanted):
        return ""
    state = exchange.query.get("state")
    separator = "&" if "?" in wanted else "?"
    return f"{wanted}{separator}{urlencode({'state': state})}" if state else wanted
