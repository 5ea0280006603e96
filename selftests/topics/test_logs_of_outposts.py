"""What an outpost writes about logins at its gates: in Go, and since 2026.8 in Rust."""

import json

import pytest

from fixtures.topics.logs.reading import read_lines
from fixtures.topics.logs.rules import OWN_AGENT, explained

GO = {"logger": "authentik.outpost.proxyv2.application", "level": "warning"}
# As in goauthentik/authentik, issue 26280.
RUST = {"target": "authentik::outpost::proxy", "filename": "src/outpost/proxy/mod.rs", "level": "warn"}
COULD_NOT = "oauth2: cannot fetch token: 400 Bad Request\nResponse: error="
REDEEM = "failed to redeem callback; restarting auth flow"
AGAIN = "\n   0: HTTP status client error (400 Bad Request) for url (http://authentik-server/application/o/token/)"


def read(**fields):
    (line,) = read_lines("server-0", f"2026-11-27T10:00:00Z {json.dumps(fields)}")
    return line


@pytest.mark.parametrize(
    ("fields", "title", "severity"),
    [
        (
            {"event": "failed to redeem code", "error": 'oauth2: "invalid_client" "…"', **GO},
            "failed to redeem",
            "error",
        ),
        # golang.org/x/oauth2 before 0.9, and where the answer is not told to be JSON.
        (
            {"event": "failed to redeem code", "error": f"{COULD_NOT}invalid_client", **GO},
            "failed to redeem",
            "error",
        ),
        (
            {"event": "failed to redeem code", "error": f"{COULD_NOT}invalid_grant", **GO},
            "failed to redeem",
            "warning",
        ),
        # Whoever loads the callback's page again brings a code that was used.
        (
            {"event": "failed to redeem code", "error": 'oauth2: "invalid_grant" "…"', **GO},
            "failed to redeem",
            "warning",
        ),
        ({"event": REDEEM, "err": "\n   0: InvalidIssuer\n", **RUST}, "failed to redeem", "error"),
        ({"event": REDEEM, "err": AGAIN, **RUST}, "failed to redeem", "warning"),
        ({"event": "callback token already expired; clearing session", **RUST}, "failed to redeem", "error"),
        ({"event": "oauth state does not match the session", **RUST}, "a refused login at the gate", "warning"),
        ({"event": "failed to persist pre-auth session", "err": "full", **RUST}, "failed to save session", "error"),
        ({"event": "failed to compile skip_path_regex", "err": "(", **RUST}, "failed to compile", "error"),
        ({"event": "failed to compile SkipPathRegex", "error": "(", **GO}, "failed to compile", "error"),
        # What it tries again.
        (
            {"event": "Failed to fetch outpost configuration, retrying in 3 seconds", **GO},
            "Failed to fetch outpost",
            "warning",
        ),
        (
            {"event": "Failed to fetch outpost from API, retrying in 3 seconds", "err": "404", **RUST},
            "Failed to fetch outpost",
            "warning",
        ),
        ({"event": "websocket error", "err": "reset", **RUST}, "failed to connect websocket", "warning"),
        ({"event": "failed to refresh", "err": "403", **RUST}, "failed to refresh", "warning"),
    ],
)
def test_what_a_line_means(fields, title, severity):
    entry = explained(read(**fields), ("outpost",))
    assert entry is not None
    assert (entry.title, entry.severity(names_client=False)) == (title, severity)


def test_a_line_of_rust_has_its_requests_agent_in_its_spans():
    headers = json.dumps({"user_agent": f"{OWN_AGENT}1"})
    spans = [{"name": "start"}, {"host": "x", "http_headers": headers, "method": "GET"}]
    assert read(event="invalid oauth state", spans=spans, **RUST).agent == f"{OWN_AGENT}1"
    assert read(event="invalid oauth state", spans=spans[:1], **RUST).agent == ""
    assert read(event="invalid oauth state", spans="?", **RUST).agent == ""
