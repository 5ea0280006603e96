"""The whole of a lab's world as plain values, and what is different in it after a run."""

import dataclasses
import re
from collections import deque
from collections.abc import Mapping

# What looking adds in any Authentik and any cluster: an access log, login events, sessions and tokens (those of users
# have ended: see `still_open`), and what an application keeps of logins that it began.
ADDED = (
    r"authentik\.operations\.events\[",
    r"authentik\.(sessions|codes|spent_codes|access_tokens|refresh_tokens|gate_sessions|gate_credentials)\[",
    r"authentik\.(totp_steps|totp_last_used|device_starts)\[",
    r"cluster\.(audit|logs)\[",
    r"applications\.by_name\[[\w-]+\]\.(pending|key_sets|sessions)\[",
    r"secrets\.client_secrets\[session signing key\]$",
)
CHANGED = (
    r"authentik\.directory\.users\[\d+\]\.last_login$",
    r"applications\.by_name\[[\w-]+\]\.(revoked|accounts)$",
    r"cluster\.(newest_version|_versions)$",
    r"cluster\._(listed|read)\[",
    # What a forced sync is for: an operator that refreshes an ExternalSecret and writes its Secret anew.
    r"cluster\.objects\[[^]]*'externalsecrets'[^]]*\]\[status\]\[(refreshTime|syncedResourceVersion)\]$",
    r"cluster\.objects\[[^]]*'externalsecrets'[^]]*\]\[metadata\]\[managedFields\]",
    r"cluster\.objects\[[^]]*'(externalsecrets|secrets)'[^]]*\]\[metadata\]\[resourceVersion\]$",
)


def state_of(world):
    """Every value of the world by its path, e.g. `authentik.directory.users[4].username`."""
    return dict(_values(world, ""))


def changes(before, after):
    """The paths whose values differ, each with both, but for what a run adds or changes by right."""
    different = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    return {path: (before.get(path), after.get(path)) for path in different if not _by_right(path, path not in before)}


def _by_right(path, is_new):
    return any(re.match(pattern, path) for pattern in (*CHANGED, *(ADDED if is_new else ())))


def _values(value, path):
    # Lists of what is there now: the lab's own thread goes on.
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _values(getattr(value, field.name), f"{path}.{field.name}".lstrip("."))
    elif isinstance(value, Mapping):
        for key in list(value):
            yield from _values(value.get(key), f"{path}[{key}]")
    elif isinstance(value, list | tuple | deque):
        for number, item in enumerate(list(value)):
            yield from _values(item, f"{path}[{number}]")
    elif not callable(value):
        yield path, repr(value)


def still_open(world):
    """What a login opened and nobody closed: sessions of users, tokens that work, sessions in applications.

    Not counted is what the applications' own tokens were issued for: they belong to the application, which lets them
    run out. Infisical's token for its own page runs out as well.
    """
    state = world.authentik
    yield from (f"a session of user {session.user}" for session in list(state.sessions.values()) if session.user)
    own = state.provider_of("sso-conformance").pk
    for token in [*state.access_tokens.values(), *state.refresh_tokens.values()]:
        if token.grant.provider == own and not token.revoked:
            yield f"a token of user {token.grant.user}"
    for gate in list(state.gate_sessions.values()):
        if getattr(state.sessions.get(gate.session), "user", None):
            yield f"a gate session of user {gate.user}"
    for name in ("argocd", "grafana"):
        yield from (f"a session in {name}" for _ in list(world.applications[name].sessions))
