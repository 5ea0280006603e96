"""What differs between releases of Authentik, as the recordings and measurements of each show.

The lab's world is one release; where nothing is said of a difference here, all of them were seen to do the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Release:
    """One release: its full `version`, and each behaviour that not all of them have, with where it was seen.

    By facts/measured-2026.8.md: `limits_grants`, a provider names the grants that it allows, and others are refused
    before the client has proved itself; `refuses_foreign_logout`, an unregistered post_logout_redirect_uri is an error;
    `takes_any_flow_for_the_logout`, whichever flow the session has not finished; `logs_unknown_gate_cookies`, an error
    line each, with the cookie's value.

    By field/reports.md, row 13: `trusts_listed_proxies_alone`, X-Forwarded-Proto counts as little as X-Forwarded-Host
    from a proxy that is not listed. By recordings-2026.8: `redirects_websockets_by_https`, what the gate remembers of
    wss:// is https:// (traefik/gate-websocket-upgrade); `application_fields` and `brand_fields`, what the API shows of
    them besides (api).
    """

    version: str
    limits_grants: bool = False
    refuses_foreign_logout: bool = False
    takes_any_flow_for_the_logout: bool = False
    trusts_listed_proxies_alone: bool = False
    logs_unknown_gate_cookies: bool = False
    redirects_websockets_by_https: bool = False
    application_fields: Mapping[str, object] = field(default_factory=dict)
    brand_fields: Mapping[str, object] = field(default_factory=dict)


RELEASES: Final = {
    "2026.5": Release("2026.5.0-rc1"),
    "2026.8": Release(
        "2026.8.0-rc1",
        limits_grants=True,
        refuses_foreign_logout=True,
        takes_any_flow_for_the_logout=True,
        trusts_listed_proxies_alone=True,
        logs_unknown_gate_cookies=True,
        redirects_websockets_by_https=True,
        application_fields={"meta_hide": False},
        brand_fields={"flow_lockdown": None},
    ),
}
DEFAULT: Final = "2026.5"
