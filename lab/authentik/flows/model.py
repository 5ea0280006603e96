"""Flows and stages, with the fields the API returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

AUTHENTICATION: Final = "default-authentication-flow"
INVALIDATION: Final = "default-invalidation-flow"
IMPLICIT_CONSENT: Final = "default-provider-authorization-implicit-consent"
EXPLICIT_CONSENT: Final = "default-provider-authorization-explicit-consent"
PROVIDER_INVALIDATION: Final = "default-provider-invalidation-flow"
# The stage that OAuth adds after consent: hand out what was asked for.
FULFILLMENT: Final = "oauth2_fulfillment"
# The stage that ends a logout: it tells what was ended and what was not.
SESSION_END: Final = "session_end"
# The stage that a logout gets where applications are told by their frames (providers/iframe_logout.py).
FRAMES: Final = "iframe_logout"


@dataclass
class Stage:
    """A stage of a flow. `kind` is the part of its component's name that tells it apart:

    identification, password, authenticator_validate, user_login, user_logout, consent, captcha, deny.
    `settings` are the fields of that kind: identification `password_stage` (a pk) and `captcha_stage`.
    """

    pk: str
    name: str
    kind: str
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass
class Flow:
    """A flow; `stages` in their order."""

    pk: str
    policybindingmodel_pk: str
    slug: str
    name: str
    title: str
    designation: str
    stages: list[Stage] = field(default_factory=list)
    authentication: str = "none"
    layout: str = "stacked"
    denied_action: str = "message_continue"
    policy_engine_mode: str = "any"
    compatibility_mode: bool = False
    background: str = ""
