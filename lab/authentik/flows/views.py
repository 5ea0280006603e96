"""The pages around flows: where a login begins, the shell it runs in, the two interfaces."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.responses import Response

from lab.authentik import browser, pages
from lab.authentik.exchange import Exchange
from lab.authentik.flows.model import AUTHENTICATION, INVALIDATION
from lab.authentik.responses import page, redirect

_DEFAULTS: Final = {"authentication": AUTHENTICATION, "invalidation": INVALIDATION}


def root(exchange: Exchange) -> Response:
    """The first page leads to the login, or to the user's own interface."""
    user = browser.user_of(exchange)
    return redirect("/if/user/" if user else "/flows/-/default/authentication/?next=/")


def default_flow(exchange: Exchange, designation: str) -> Response:
    """To the default flow of a designation."""
    slug = _DEFAULTS.get(designation)
    if slug is None or slug not in exchange.state.flows:
        return page(pages.not_found(), 404)
    query = urlencode(parse_qsl(exchange.query_string, keep_blank_values=True))
    return redirect(f"/if/flow/{slug}/" + (f"?{query}" if query else ""))


def cancel(exchange: Exchange) -> Response:
    """Give a flow up."""
    if exchange.session:
        exchange.session.plan = None
    wanted = urlsplit(exchange.query.get("next", ""))
    return redirect("/" if wanted.scheme or wanted.netloc or not wanted.path else wanted.geturl())


def flow_shell(exchange: Exchange, slug: str) -> Response:
    """The page that runs a flow; an existing flow is all it needs."""
    if slug not in exchange.state.flows:
        return page(pages.not_found(), 404)
    return page(pages.flow(slug, exchange.build_version, exchange.origin))


def admin(_exchange: Exchange) -> Response:
    """The shell of the admin interface."""
    return page(pages.interface("admin"))


def user(_exchange: Exchange) -> Response:
    """The shell of the user interface."""
    return page(pages.interface("user"))
