"""In which order the recorded exchanges are replayed, and what has to be so in the world for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from fnmatch import fnmatch
from functools import partial

from selftests.contract import estate, preparations, situations
from selftests.contract.differing import Outcome
from selftests.contract.naming import Naming
from selftests.contract.recordings import FOLDERS, Exchange
from selftests.contract.replaying import NoCounterpart, Stage

# What has to come after the rest of its folder, in this order: each follows from those before it.
LAST = {
    "oidc": (
        "login-*",
        "token-code-wrong-verifier",
        "token-code-after-wrong-verifier",
        "token-code-n*",
        "token-code-other-client",
        "token-code-wrong-*",
        "token-code-ok",
        "userinfo-ok*",
        "userinfo-id-token",
        "introspect-*",
        "token-refresh-ok",
        "token-refresh-reuse-old",
        "revoke-*",
        "userinfo-after-revoke",
        "token-code-ok2",
        "token-code-reuse",
        "userinfo-after-code-reuse",
        "token-code-ok-grafana-basic",
        "end-session-authenticated",
        "end-session-bad-post-logout",
        "end-session-walk-*",
        "executor-invalidation",
        "authorize-denied-*",
    ),
    "api": (
        "authenticated-sessions",
        "token-*view-key",
        "events-*",
        "event-create-*",
        "token-create-201",
        "token-create-duplicate",
        "nonadmin-*",
        "err-inactive-user-token",
        "provider-create-201-minimal",
        "provider-create-duplicate-name",
        "provider-patch-*",
        "provider-setup-urls-no-app",
        "provider-delete-204",
        "provider-delete-again-404",
        "user-create-201",
        "user-create-duplicate-400",
        "user-delete-204",
        "user-delete-again-404",
        "outpost-patch-bad-provider",
        "outpost-patch-providers-empty-config",
        "outpost-patch-oauth-provider",
    ),
    "forward-auth": (
        "login-longhorn-alice-*",
        "caddy-auth-200",
        "envoy-auth-200",
        "nginx-auth-200",
        "traefik-auth-*",
        "start-when-authenticated",
        "login-hubble-*",
        "hubble-auth-200",
        "login-sympozium-alice-*",
        "sympozium-alice-200",
        "login-sympozium-bob-*",
        "sympozium-bob-after-denied",
        "login-longhorn-bob-*",
        "longhorn-bob-200",
        "sign-out-auth",
        "after-sign-out",
        "token-for-proxy-provider",
        "traefik-basic-app-password",
        "traefik-basic-app-password-second",
        "traefik-b*",
        "fault-*",
        "domain-*",
    ),
    "standalone-outpost": ("host-internal-*", "host-browser-*", "host-public-*"),
    "traefik": ("login-*", "authenticated-*", "other-app-*", "tampered-cookie"),
    "argocd": (
        "login-start",
        "login-start-return-url",
        "login-start-foreign-return-url",
        "callback-*",
        "login-alice-*",
        "userinfo-alice",
        "can-i-*-alice",
        "logout",
        "userinfo-after-logout",
        "login-bob-*",
        "userinfo-bob",
        "can-i-*-bob",
        "fault-wrong-secret-*",
        "fault-no-part-of-label-*",
        "healed-*",
    ),
}


def ordered(exchanges: dict[str, Exchange], folder: str) -> Iterator[Exchange]:
    """The folder's exchanges in the order of the replay; a walk's steps by their numbers."""
    names = [name for name in exchanges if name.startswith(f"{folder}/")]
    patterns = LAST.get(folder, ())

    def place(name: str) -> tuple[int, str]:
        file = name.partition("/")[2]
        found = next((number for number, pattern in enumerate(patterns, 1) if fnmatch(file, pattern)), 0)
        return found, name

    for name in sorted(names, key=place):
        yield exchanges[name]


def replay(exchanges: dict[str, Exchange], tell: Naming, release: str) -> Outcome:
    """Replay every folder in a world of that release of its own."""
    outcome = Outcome()
    for folder in FOLDERS:
        stage = Stage(estate.build(tell, release), tell)
        stage.happened = partial(_walk, stage, list(ordered(exchanges, "oidc")), Outcome())
        _walk(stage, list(ordered(exchanges, folder)), outcome)
    return outcome


def _walk(stage: Stage, exchanges: list[Exchange], outcome: Outcome) -> None:
    with ExitStack() as held:
        holding: set[str] = set()
        for exchange in exchanges:
            wanted = situations.of(exchange)
            if wanted != holding:
                held.close()
                holding = wanted
                for name in sorted(wanted):
                    held.enter_context(situations.HELD[name](stage))
            try:
                outcome.compared[exchange.name] = stage.replay(preparations.prepared(stage, exchange))
            except NoCounterpart as nobody:
                outcome.unasked[exchange.name] = str(nobody)
