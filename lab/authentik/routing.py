"""The addresses of the Django part, apart from its REST API."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from starlette.responses import Response

from lab.authentik import health
from lab.authentik.exchange import Exchange
from lab.authentik.flows import executor, views
from lab.authentik.oidc import authorize, devices, discovery, end_session, token, tokens
from lab.authentik.responses import not_allowed

Handler = Callable[..., Response]

_READ: Final = "GET, HEAD, OPTIONS"
_SLUG: Final = r"(?P<slug>[-\w]+)"
# Path, methods, handler; a group named slug or designation is the handler's argument.
_TABLE: Final[tuple[tuple[str, str, Handler], ...]] = (
    (r"/-/health/ready/", _READ, health.ready),
    (r"/", _READ, views.root),
    (r"/if/admin/.*", _READ, views.admin),
    (r"/if/user/.*", _READ, views.user),
    (rf"/if/flow/{_SLUG}/", _READ, views.flow_shell),
    (r"/flows/-/cancel/", _READ, views.cancel),
    (r"/flows/-/default/(?P<designation>\w+)/", _READ, views.default_flow),
    (rf"/api/v3/flows/executor/{_SLUG}/", "GET, POST, HEAD, OPTIONS", executor.execute),
    (r"/application/o/authorize/", "GET, POST, HEAD, OPTIONS", authorize.authorize),
    (r"/application/o/token/", "POST, OPTIONS", token.token),
    (r"/application/o/userinfo/", "GET, POST, HEAD, OPTIONS", tokens.userinfo),
    (r"/application/o/introspect/", "POST, OPTIONS", tokens.introspect),
    (r"/application/o/revoke/", "POST, OPTIONS", tokens.revoke),
    (r"/application/o/device/", "POST, OPTIONS", devices.start),
    (r"/device", _READ, devices.enter),
    (rf"/application/o/{_SLUG}/", _READ, discovery.to_document),
    (rf"/application/o/{_SLUG}/\.well-known/openid-configuration", _READ, discovery.document),
    (rf"/application/o/{_SLUG}/jwks/", _READ, discovery.key_set),
    (rf"/application/o/{_SLUG}/end-session/", "GET, POST, HEAD, OPTIONS", end_session.end_session),
    (rf"/\.well-known/oauth-authorization-server/application/o/{_SLUG}/", _READ, discovery.rfc8414_document),
)
_ROUTES: Final = tuple((re.compile(path), allow, handler) for path, allow, handler in _TABLE)


def answer(exchange: Exchange) -> Response | None:
    """The answer of the view at the request's path; None where there is none."""
    for pattern, allow, handler in _ROUTES:
        match = pattern.fullmatch(exchange.path)
        if match is None:
            continue
        if exchange.method not in allow.split(", "):
            return not_allowed(allow)
        return handler(exchange, *match.groupdict().values())
    return None
