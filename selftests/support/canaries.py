"""`pytest -p selftests.support.canaries`: a run of the suite in which each case fails with all it holds in its hands.

Each test is run, and then fails in a frame whose locals are what it holds and some of the secrets that the process
knows; these are printed, logged, warned of and part of the exception as well, so that in the end all of them were. At
the end everything that must not have been seen, the lab's own secrets and what went over the wire among it, is written
to the file that `CANARIES` names.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import sys
import warnings
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import pytest

from fixtures.model.secret import known_secrets
from lab.plugin import LAB

if TYPE_CHECKING:
    from lab.lab import Lab
    from lab.world import World

SEED: Final = "KRSXG5CTMVRXEZLUKN2HE2LOM5ZQ2DQK"
AT_ONCE: Final = 4
_IN_ADDRESSES: Final = re.compile(r"[?&](code|state|nonce|id_token_hint|token)=([^&]{12,})")
_COOKIE: Final = re.compile(r"=([^;]{12,})")


def _in_turn() -> Iterator[list[str]]:
    """A few of the secrets known by then, one after the other; all for each case would keep the redactor busy."""
    at = 0
    while True:
        known = [secret.reveal() for secret in known_secrets()]
        yield [known[(at + step) % len(known)] for step in range(AT_ONCE)]
        at += AT_ONCE


_some: Final = _in_turn()


@pytest.hookimpl
def pytest_configure(config: pytest.Config) -> None:
    """Give the estate a TOTP seed as well, which the lab's login does not ask for."""
    estate = Path(config.option.estate)
    password = 'password = { env = "SSO_PROBE_PASSWORD" }'
    text = estate.read_text(encoding="utf-8")
    assert password in text
    estate.write_text(text.replace(password, f'{password}\ntotp_seed = {{ env = "CANARY_TOTP" }}'), encoding="utf-8")
    os.environ["CANARY_TOTP"] = SEED


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Run the test; whatever it says, it fails here."""
    held = repr(pyfuncitem.funcargs)[:3000]
    known = next(_some)
    said = "what is known: " + ", ".join(known)
    print(said)
    print(said, file=sys.stderr)
    logging.getLogger("canaries").debug("%s", said)
    logging.getLogger("canaries").error("%s", known)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(said[:2000], stacklevel=1)
    try:
        yield
    except Exception as error:
        raise RuntimeError(f"{said} and {held}") from error
    raise RuntimeError(f"{said} and {held}")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    """Write what must not have been seen, by kind, while the lab still stands."""
    lab = session.config.stash[LAB]
    kinds = {kind: sorted(set(values)) for kind, values in _canaries(lab).items()}
    Path(os.environ["CANARIES"]).write_text(json.dumps(kinds), encoding="utf-8")
    return (yield)


def _canaries(lab: Lab) -> dict[str, list[str]]:
    world = lab.world
    authentik = world.authentik
    secrets = world.secrets
    return {
        "known to the suite": [secret.reveal() for secret in known_secrets()],
        "API token": [secrets.api_token, secrets.bootstrap_token],
        "client secrets": [*secrets.client_secrets.values(), secrets.conformance_client_secret],
        "passwords": [secrets.probe_password, secrets.user_password, secrets.gate_app_password],
        "TOTP seed": [SEED],
        "Kubernetes tokens": [secrets.kubernetes_suite_token, secrets.kubernetes_admin_token],
        "access tokens": list(authentik.access_tokens),
        "refresh tokens": list(authentik.refresh_tokens),
        "sessions": [*authentik.sessions, *authentik.gate_sessions],
        "Secret values": list(_secret_values(world)),
        **_on_the_wire(lab),
    }


def _secret_values(world: World) -> Iterator[str]:
    """Of every Secret of the cluster, plain and in base64; what is short is a user's name and the like."""
    for secret in world.cluster.list("secrets"):
        for name, value in (secret.get("data") or {}).items():
            plain = base64.b64decode(value).decode(errors="replace")
            if "secret" in name.lower() or "token" in name.lower() or "password" in name.lower():
                yield from (plain, value)


def _on_the_wire(lab: Lab) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"cookies": [], "authorization": []}
    for entry in lab.audit:
        found["cookies"] += _COOKIE.findall(entry.header("cookie") or "")
        found["authorization"] += [(entry.header("authorization") or " ").split(" ", 1)[1]]
        for name, value in _IN_ADDRESSES.findall(entry.target):
            found.setdefault(f"{name} in addresses", []).append(unquote(value))
    return {kind: [value for value in values if value] for kind, values in found.items()}
