"""The stages of a login: who, the password, the second factor, the session."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from typing import Any, Final

from lab.authentik import browser
from lab.authentik.accounts import User
from lab.authentik.flows.model import Stage
from lab.authentik.flows.run import Challenge, Run, launch_url, refusal

Data = dict[str, Any]
_SIGNALS: Final = "authentik.events.signals"
_STEP: Final = 30
_TRIES: Final = 5
_INVALID_TOKEN: Final = "Invalid Token. Please ensure the time on your device is accurate and try again."


def show_identification(run: Run, errors: Challenge | None = None) -> Challenge:
    """Ask who it is; and for the password too, where the stage takes it."""
    application, stage = run.application, run.stage
    before: Challenge = {}
    if application is not None:
        launch = launch_url(run.exchange, application)
        before = {"application_pre": application.name, "application_pre_launch": launch}
    return run.challenge(
        "ak-stage-identification",
        errors,
        user_fields=stage.settings.get("user_fields", ["email", "username"]),
        pending_user_identifier=None,
        password_fields=bool(stage.settings.get("password_stage")),
        allow_show_password=False,
        **before,
        flow_designation=run.flow.designation,
        captcha_stage=stage.settings.get("captcha_stage"),
        primary_action="Log in",
        **({"passwordless_url": stage.settings["passwordless"]} if stage.settings.get("passwordless") else {}),
        sources=stage.settings.get("sources", []),
        show_source_labels=False,
        enable_remember_me=False,
        passkey_challenge=None,
    )


def take_identification(run: Run, data: Data) -> Challenge | None:
    """Find the account. An unknown name goes on like any other, so that names cannot be told apart."""
    name = str(data.get("uid_field") or "").strip()
    if not name:
        blank = "uid_field" in data
        text = "This field may not be blank." if blank else "This field is required."
        return show_identification(run, refusal("uid_field", text, "blank" if blank else "required"))
    if run.stage.settings.get("captcha_stage") and not data.get("captcha_token"):
        return show_identification(run, refusal("captcha_token", "This field is required.", "required"))
    user = run.exchange.state.directory.user_of_login(name)
    run.plan.user, run.plan.identifier = (user.pk if user else None), name
    if not run.stage.settings.get("password_stage"):
        return None
    if not _password_right(run, data):
        _record_failure(run)
        return show_identification(run, refusal("non_field_errors", "Failed to authenticate."))
    return None


def show_password(run: Run, errors: Challenge | None = None) -> Challenge | None:
    """Ask for the password, unless it was given together with the name."""
    if "pwd" in run.plan.methods:
        return None
    return run.challenge("ak-stage-password", errors, **run.pending(), allow_show_password=False)


def take_password(run: Run, data: Data) -> Challenge | None:
    """Check the password; wrong, unknown and inactive look the same, and the fifth failure ends the flow."""
    if not data.get("password"):
        return show_password(run, refusal("password", "This field is required.", "required"))
    if _password_right(run, data):
        return None
    _record_failure(run)
    run.plan.failures += 1
    if run.plan.failures >= _TRIES:
        return run.denied("Invalid password")
    return show_password(run, refusal("password", "Invalid password"))


def _password_right(run: Run, data: Data) -> bool:
    user, given = run.user, str(data.get("password") or "")
    if user is None or not user.is_active or user.password is None:
        return False
    if not hmac.compare_digest(user.password.encode(), given.encode()):
        return False
    run.plan.methods.append("pwd")
    run.exchange.log("Successful authentication", "authentik.stages.password.stage", user=user.username)
    return True


def _record_failure(run: Run) -> None:
    exchange, stage = run.exchange, run.stage
    exchange.log("Invalid credentials", "authentik.flows.stage", stage=stage.name)
    exchange.record(
        "login_failed",
        _SIGNALS,
        user=run.user,
        attempted=None if run.user else run.plan.identifier,
        arguments=run.query,
        stage=_reference(stage),
        password="********************",
        username=run.user.username if run.user else run.plan.identifier,
    )


def _reference(stage: Stage) -> dict[str, str]:
    kind = stage.kind.replace("_", "")
    pk = stage.pk.replace("-", "")
    return {"pk": pk, "app": f"authentik_stages_{stage.kind}", "name": stage.name, "model_name": f"{kind}stage"}


def show_validation(run: Run, errors: Challenge | None = None) -> Challenge | None:
    """Ask for a code where the user has a device; what else happens is the stage's setting."""
    user = run.user
    if user is None or not (user.totp_seed or user.other_devices):
        if run.stage.settings.get("not_configured_action", "skip") == "skip":
            return None
        return run.denied("No (allowed) MFA authenticator configured.")
    used = run.exchange.state.totp_last_used.get(user.pk)
    last_used = used.isoformat().replace("+00:00", "Z") if used else None
    totp: Challenge = {"device_class": "totp", "device_uid": "1", "challenge": {}, "last_used": last_used}
    others: list[Challenge] = [
        {"device_class": kind, "device_uid": str(uid), "challenge": {}, "last_used": None}
        for uid, kind in enumerate(user.other_devices, 2)
    ]
    return run.challenge(
        "ak-stage-authenticator-validate",
        errors,
        **run.pending(),
        device_challenges=[*others, *([totp] if user.totp_seed else [])],
        configuration_stages=[],
    )


def take_validation(run: Run, data: Data) -> Challenge | None:
    """Check a code; each is good for one login."""
    user = run.user
    step = matching_step(user, str(data.get("code") or ""), run.exchange.now.timestamp()) if user else None
    used = run.exchange.state.totp_steps
    if user is None or step is None or step <= used.get(user.pk, 0):
        _record_failure(run)
        return show_validation(run, refusal("code", _INVALID_TOKEN))
    used[user.pk] = step
    run.exchange.state.totp_last_used[user.pk] = run.exchange.now
    run.plan.methods.append("mfa")
    return None


def matching_step(user: User, code: str, timestamp: float) -> int | None:
    """The time step (RFC 6238) whose code this is, a step's difference allowed; None for a wrong one."""
    now = int(timestamp) // _STEP
    steps = (now, now - 1, now + 1)
    return next((step for step in steps if hmac.compare_digest(totp(user.totp_seed or "", step), code)), None)


def totp(seed: str, step: int) -> str:
    """The six digits of a base32 seed at a time step; empty for a seed that is none."""
    try:
        key = base64.b32decode(seed + "=" * (-len(seed) % 8), casefold=True)
    except binascii.Error:
        return ""
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06d}"


def show_stay(run: Run, _errors: Challenge | None = None) -> Challenge | None:
    """Ask whether to stay signed in, where the stage's remember_me_offset offers that (facts/browser.md, section 2)."""
    if run.stage.settings.get("remember_me_offset", "seconds=0") == "seconds=0":
        return log_in(run)
    return run.challenge("ak-stage-user-login", **run.pending())


def log_in(run: Run, _data: Data | None = None) -> Challenge | None:
    """Make the session the user's."""
    user = run.user
    if user is None or not user.is_active:
        return run.denied()
    exchange = run.exchange
    browser.log_in(exchange, user, list(run.plan.methods))
    exchange.record(
        "login",
        _SIGNALS,
        user=user,
        arguments=run.query,
        auth_method="password",
        auth_method_args={"known_device": False},
    )
    return None
