"""All stages by kind: what they show, and what they make of a response."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from lab.authentik import browser
from lab.authentik.flows import login
from lab.authentik.flows.model import FRAMES, FULFILLMENT, SESSION_END, Stage
from lab.authentik.flows.run import Challenge, Run, launch_url, refusal
from lab.authentik.oidc.authorize import fulfil
from lab.authentik.oidc.issuing import issuer

Show = Callable[[Run], Challenge | None]
Take = Callable[[Run, dict[str, Any]], Challenge | None]


def _show_consent(run: Run, errors: Challenge | None = None) -> Challenge | None:
    request = run.plan.authorization
    if request is None:
        return None
    state = run.exchange.state
    provider = state.providers[request.provider]
    mappings = sorted(state.mappings(provider), key=lambda mapping: mapping.scope_name)
    permissions = [
        {"name": mapping.description, "id": mapping.scope_name}
        for mapping in mappings
        if mapping.scope_name in request.scopes
    ]
    application = state.application_of(provider)
    run.plan.consent_token = run.plan.consent_token or str(uuid.uuid4())
    return run.challenge(
        "ak-stage-consent",
        errors,
        **run.pending(),
        header_text=f"You're about to sign into {application.name if application else provider.name}.",
        permissions=permissions,
        additional_permissions=[],
        token=run.plan.consent_token,
    )


def _take_consent(run: Run, data: dict[str, Any]) -> Challenge | None:
    request = run.plan.authorization
    if data.get("token") != run.plan.consent_token or request is None:
        return _show_consent(run, refusal("token", "Invalid consent token, re-showing prompt"))
    if run.plan.user is not None:
        run.exchange.state.consents.add((run.plan.user, request.provider))
    return None


def _fulfil(run: Run) -> Challenge | None:
    request, user = run.plan.authorization, run.user
    if request is None or user is None:
        return run.denied()
    to = fulfil(run.exchange, request, run.session, user)
    if request.by_form:
        parts = urlsplit(to)
        fields = dict(parse_qsl(parts.fragment if request.in_fragment else parts.query, keep_blank_values=True))
        return run.challenge("ak-stage-autosubmit", title="Redirecting...", url=request.redirect_uri, attrs=fields)
    run.plan.redirect_to = to
    return None


def _show_captcha(run: Run) -> Challenge | None:
    settings = run.stage.settings
    return run.challenge(
        "ak-stage-captcha",
        **run.pending(),
        site_key=settings.get("public_key", ""),
        js_url=settings.get("js_url", "https://www.recaptcha.net/recaptcha/api.js"),
        interactive=settings.get("interactive", True),
    )


def _take_captcha(run: Run, _data: dict[str, Any]) -> Challenge | None:
    """Nobody can solve it here, which is what a captcha is for."""
    shown = _show_captcha(run) or {}
    return shown | {"response_errors": refusal("token", "Failed to validate token")}


def _show_prompt(run: Run) -> Challenge | None:
    return run.challenge("ak-stage-prompt", fields=run.stage.settings["fields"])


def _deny(run: Run) -> Challenge | None:
    """The end for everybody, or for those whom a policy binds the stage to (`users`, by number)."""
    users = run.stage.settings.get("users")
    if users is not None and run.plan.user not in users:
        return None
    return run.denied(run.stage.settings.get("deny_message") or None)


def _log_out(run: Run) -> Challenge | None:
    exchange = run.exchange
    user = browser.user_of(exchange)
    if user is not None:
        exchange.record("logout", "authentik.events.signals", user=user, arguments=run.query)
        if frames := _frames(run):
            run.plan.stages.insert(1, Stage("", "", FRAMES, {"logout_urls": frames}))
    if exchange.state.rules.logout_ends_session:
        browser.log_out(exchange)
        # What is left of the flow goes on in a new session, which is nobody's (its source: stages/user_logout).
        if len(run.plan.stages) > 1:
            run.session = browser.ensure(exchange)
            run.session.plan = run.plan
    return None


def _frames(run: Run) -> list[dict[str, str]]:
    """The frames of the applications that the session has tokens of, and that are told so (providers/oauth2/signals.py
    and build_frontchannel_logout_url)."""
    state = run.exchange.state
    used = {token.grant.provider for token in state.access_tokens.values() if token.grant.session == run.session.key}
    told = [provider for provider in map(state.providers.get, sorted(used)) if provider and provider.logout_uri]
    kind = "authentik_providers_oauth2.oauth2provider"
    found = []
    for provider in (each for each in told if each.logout_method == "frontchannel"):
        query = urlencode({"iss": issuer(state, provider, run.exchange.origin), "sid": run.session.key})
        url = f"{provider.logout_uri}?{query}"
        found.append({"url": url, "provider_name": provider.name, "binding": "redirect", "provider_type": kind})
    return found


def _show_frames(run: Run) -> Challenge | None:
    return run.challenge("ak-provider-iframe-logout", logout_urls=run.stage.settings["logout_urls"])


def _show_session_end(run: Run) -> Challenge | None:
    application = run.application
    return run.challenge(
        "ak-stage-session-end",
        **run.pending(),
        application_name=application.name if application else None,
        application_launch_url=launch_url(run.exchange, application) if application else None,
        invalidation_flow_url="/flows/-/default/invalidation/",
        brand_name="authentik",
    )


SHOWN: Final[dict[str, Show]] = {
    "identification": login.show_identification,
    "password": login.show_password,
    "authenticator_validate": login.show_validation,
    "user_login": login.show_stay,
    "user_logout": _log_out,
    "consent": _show_consent,
    "captcha": _show_captcha,
    "prompt": _show_prompt,
    "deny": _deny,
    FULFILLMENT: _fulfil,
    SESSION_END: _show_session_end,
    FRAMES: _show_frames,
}
# A stage that takes no response goes on when it gets one.
TAKEN: Final[dict[str, Take]] = {
    "identification": login.take_identification,
    "password": login.take_password,
    "authenticator_validate": login.take_validation,
    "user_login": login.log_in,
    "consent": _take_consent,
    "captcha": _take_captcha,
}
