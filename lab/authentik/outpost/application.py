"""One application as the outpost serves it: its addresses, its cookie, its lines in the log."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import SplitResult, urlencode, urlsplit

from lab.authentik.durations import duration
from lab.authentik.exchange import Exchange
from lab.authentik.outpost.model import OutpostView
from lab.authentik.providers import ProxyProvider
from lab.authentik.state import Authentik

PREFIX: Final = "/outpost.goauthentik.io"
CALLBACK_SIGNATURE: Final = "X-authentik-auth-callback"
LOGOUT_SIGNATURE: Final = "X-authentik-logout"
_LOGGER: Final = "authentik.outpost.proxyv2.application"


def timestamp(moment: datetime) -> str:
    """A moment as the Go parts log it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class GatedApplication:
    """A provider in one process of an outpost, for one request."""

    exchange: Exchange
    view: OutpostView
    provider: ProxyProvider

    @property
    def state(self) -> Authentik:
        """Authentik as it is now."""
        return self.exchange.state

    @property
    def slug(self) -> str:
        """The slug of the provider's application."""
        application = self.state.application_of(self.provider)
        return application.slug if application else ""

    @property
    def base(self) -> str:
        """Where browsers are sent: the outpost's authentik_host, which may be blank or lack its scheme."""
        configured = self.view.authentik_host or self.state.rules.blank_host
        parts = urlsplit(configured)
        # The host alone is exchanged, the path stays the core's (proxyv2/application/endpoint.go).
        return f"{parts.scheme}://{parts.netloc}{self.state.rules.web_path}" if parts.netloc else ""

    @property
    def issuer(self) -> str:
        """The issuer the outpost expects in its tokens."""
        if self.provider.issuer_mode == "global":
            return f"{self.base}/"
        return f"{self.base}/application/o/{self.slug}/"

    @property
    def callback_url(self) -> str:
        """Where the core is to send browsers back to."""
        return f"{self.provider.external_host}{PREFIX}/callback?{CALLBACK_SIGNATURE}=true"

    def authorize_url(self, state: str) -> str:
        """The start of a login at the core."""
        scopes = [mapping.scope_name for mapping in self.state.mappings(self.provider)]
        query = {
            "client_id": self.provider.client_id,
            "redirect_uri": self.callback_url,
            "response_type": "code",
            "scope": " ".join(scopes),
            "state": state,
        }
        return f"{self.base}/application/o/authorize/?{urlencode(query)}"

    @property
    def cookie(self) -> str:
        """The value of the gate's cookie that came with the request; empty without one."""
        return self.exchange.request.cookies.get(self.provider.cookie_name, "")

    @property
    def lifetime(self) -> timedelta:
        """How long a gate session lives: a second longer than its token."""
        return duration(self.provider.access_token_validity) + timedelta(seconds=1)

    def set_cookie(self, value: str, lifetime: timedelta) -> str:
        """The Set-Cookie value of a gate session."""
        provider = self.provider
        seconds = int(lifetime.total_seconds())
        parts = [f"{provider.cookie_name}={value}", "Path=/"]
        if provider.mode == "forward_domain" and provider.cookie_domain:
            parts.append(f"Domain={provider.cookie_domain}")
        expires = format_datetime(self.exchange.now + lifetime, usegmt=True)
        parts += [f"Expires={expires}", f"Max-Age={seconds}", "HttpOnly"]
        if provider.external_host.startswith("https://"):
            parts.append("Secure")
        return "; ".join([*parts, "SameSite=Lax"])

    def open_to_all(self, url: SplitResult) -> bool:
        """Whether a skip-path expression matches: somewhere in the path, or in domain mode in the whole URL."""
        text = url.geturl() if self.provider.mode == "forward_domain" else url.path
        return any(_found(expression, text) for expression in self.provider.skip_path_regex.splitlines())

    def log(self, event: str, level: str = "info", **more: Any) -> None:  # noqa: ANN401
        """Write a line of the outpost's log."""
        line = {
            "event": event,
            "level": level,
            "logger": _LOGGER,
            "name": self.provider.name,
            "timestamp": timestamp(self.exchange.now),
            **more,
        }
        self.exchange.write(line)


def _found(expression: str, text: str) -> bool:
    try:
        return bool(expression) and re.search(expression, text) is not None
    except re.error:
        # The outpost logs "failed to compile SkipPathRegex" when it loads, and goes on without.
        return False
