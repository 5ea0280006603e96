"""Judging logs: reading lines, knowing the suite's own, and what the catalogue says of recorded ones."""

import inspect
import json
from datetime import UTC, datetime, timedelta

import pytest

from fixtures.doors.client import HttpClient
from fixtures.model.signals import NotVerified
from fixtures.topics.logs.catalogue import CATALOGUE
from fixtures.topics.logs.reading import read_lines
from fixtures.topics.logs.rules import OWN_AGENT, Log, explained, findings
from selftests.support.log_lines import CLIENTS, EARLIER, NOW, OWN, SERVER, access, judge, line

MISMATCH = "The request fails due to a missing, invalid, or mismatching redirection URI (redirect_uri)."


def test_lines_are_read_with_their_times():
    text = (
        '2026-11-24T11:50:00.123456789Z {"event": "Invalid client secret", "client_id": "grafana"}\n'
        "2026-11-24T11:50:01Z panic: interface conversion\n"
        "2026-11-24T11:50:02Z \n"
        "no time at all\n"
        "2026-11-24T11:50:03Z [1, 2]\n"
    )
    lines = read_lines("server-0", text)
    assert [entry.text("event") for entry in lines] == [
        "Invalid client secret", "panic: interface conversion", "", "no time at all", "[1, 2]",
    ]  # fmt: skip
    assert lines[0].at == datetime(2026, 11, 24, 11, 50, 0, 123456, UTC)
    assert lines[3].at is None


def test_ordinary_lines_are_not_explained():
    ordinary = [
        line("/-/health/ready/", logger="authentik.asgi", level="info", status=200),
        line("Failed to load MMDB database", logger="authentik.events.context_processors.mmdb"),
        line("Task enqueued", level="info"),
        line("Operations to perform:"),
        line("Invalid credentials", level="info", logger="authentik.flows.stage"),
        line("Task finished", level="info", exc=None),
    ]
    for entry in ordinary:
        assert explained(entry, ("process", "server", "worker", "outpost")) is None, entry


@pytest.mark.parametrize(
    ("entry", "parts", "severity"),
    [
        (line("panic: interface conversion: interface {} is nil, not string"), SERVER, "error"),
        (line("Traceback (most recent call last):"), SERVER, "error"),
        (line("Worker (pid:12) was sent SIGKILL! Perhaps out of memory?", logger="gunicorn.error"), SERVER, "error"),
        (line("Setting redirect for blank redirect_uris", level="info"), SERVER, "error"),
        (access("1", "/api/v3/core/users/", status=500), SERVER, "error"),
        (line("something new", level="error", logger="authentik.core"), SERVER, "warning"),
        (line("failed to parse blueprint", path="mounted/x.yaml"), ("process", "worker"), "error"),
        (line("Task finished", exc="OSError(101)", level="info"), ("process", "worker"), "warning"),
        (
            line("Outpost has localhost/blank API Connection but no authentik_host is configured."),
            ("outpost",),
            "error",
        ),
        (line("failed to redeem code", logger="authentik.outpost.proxyv2.application"), ("outpost",), "error"),
        (line("invalid state", name="Longhorn"), ("outpost",), "warning"),
    ],
)
def test_what_the_catalogue_weighs(entry, parts, severity):
    assert [found for found, _ in judge(entry, parts=parts)] == [severity]


def read(**fields):
    return read_lines("server-0", f"{EARLIER:%Y-%m-%dT%H:%M:%SZ} {json.dumps(fields)}")


RUST = {"target": "authentik_outpost::proxy::refresh", "filename": "packages/outpost/src/proxy/refresh.rs"}
OUTPOST_ALONE = ("outpost",)


@pytest.mark.parametrize(
    ("fields", "parts", "seen"),
    [
        ({"level": "error", "event": "failed to fetch providers", "err": "403", **RUST}, OUTPOST_ALONE, "error"),
        ({"level": "ERROR", "message": "failed to fetch providers", **RUST}, OUTPOST_ALONE, "error"),
        ({"level": "warn", "err": "key set is no JSON", **RUST}, OUTPOST_ALONE, "warning"),
        ({"level": "WARN", "event": "cannot refresh", "err": "timeout", **RUST}, OUTPOST_ALONE, "warning"),
        ({"level": "ERROR", "event": "something new", **RUST}, OUTPOST_ALONE, "warning"),
        ({"level": "error", "event": "something new", "filename": RUST["filename"]}, OUTPOST_ALONE, "warning"),
        ({"level": "error", "event": "something new", "target": "authentik::server"}, SERVER, "warning"),
        ({"level": "error", "event": "x", "logger": "authentik.outposts.tasks"}, ("process", "worker"), "warning"),
    ],
)
def test_lines_of_the_outpost_in_rust(fields, parts, seen):
    assert [severity for severity, _ in judge(*read(**fields), parts=parts)] == [seen]
    other = SERVER if parts == OUTPOST_ALONE else OUTPOST_ALONE
    assert judge(*read(**fields), parts=other) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"level": "warn", "event": "reconnecting", **RUST},
        {"level": "info", "event": "refreshed", "err": None, **RUST},
        {"level": "error", "event": 'SELECT * FROM "authentik_providers_proxy_proxysession" WHERE session_key = \'K\'',
         "error": "record not found", "logger": "authentik.outpost.proxyv2.application"},
        {"level": "ERROR", "event": "SELECT authentik_providers_proxy_proxysession.uuid FROM …",
         "err": "no rows returned by a query that expected to return at least one row", **RUST},
    ],
)  # fmt: skip
def test_ordinary_lines_of_an_outpost(fields):
    assert judge(*read(**fields), parts=("process", "server", "outpost")) == []


def test_a_session_that_cannot_be_read_for_another_reason_counts():
    table = 'SELECT * FROM "authentik_providers_proxy_proxysession"'
    assert judge(*read(level="error", event=table, error="relation does not exist", **RUST), parts=OUTPOST_ALONE)


@pytest.mark.parametrize(
    "text",
    [
        "thread 'main' panicked at src/a.rs:1:1:",
        "thread 'w' (7) panicked at a.rs",
        "thread 'x' has overflowed its stack",
    ],
)
def test_a_panic_in_rust(text):
    assert judge(*read_lines("server-0", f"\x1b[31m{text}")) == [("error", "panic:")]


@pytest.mark.parametrize(
    "fields",
    [
        {"exception": [{"exc_type": "OperationalError", "exc_value": "FATAL: sorry, too many clients already"}]},
        {"exception": "Traceback…\ndjango.db.utils.OperationalError: connection failed"},
        {"exc": "PoolTimeout('couldn't get a connection after 30.00 sec')"},
        {"err": "error returned from database: remaining connection slots are reserved"},
        {"event": "django.db.utils.OperationalError: connection failed"},
        {"err": "pool timed out while waiting for an open connection"},
        {"error": "FATAL: no more connections allowed (max_client_conn)"},
        {"exc": "FATAL:  the database system is shutting down"},
        {"event": "psycopg.InterfaceError: the connection is closed"},
        {"exception": 'psycopg.errors.DiskFull: could not extend file "base/1/2": No space left on device'},
        {"exc": "psycopg.errors.ReadOnlySqlTransaction: cannot execute UPDATE in a read-only transaction"},
        {"err": 'error returned from database: password authentication failed for user "authentik"'},
        {"exc": 'FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "authentik"'},
    ],
)
def test_a_database_without_connections_is_named(fields):
    event = {"event": "Internal Server Error: /application/o/authorize/", "level": "error", "logger": "django.request"}
    assert judge(*read(**event | fields)) == [("error", "PostgreSQL connection failed")]


@pytest.mark.parametrize(
    ("text", "parts", "seen"),
    [
        ("2026-09-14T08:00:00.1Z ERROR authentik_outpost::proxy::refresh: failed to fetch providers err=403 Forbidden",
         ("outpost",), [("error", "failed to fetch providers")]),
        ("ERROR run{id=1}:ask{}: authentik_server::db: query failed error=sorry, too many clients already",
         SERVER, [("error", "PostgreSQL connection failed")]),
        (" WARN authentik_outpost::ws: retrying err=connection reset".strip(),
         ("outpost",), [("warning", "a warning of an unknown error")]),
        ("2026-09-14T08:00:00Z  INFO authentik_server::http: listening err=none", SERVER, []),
        ("ERROR: something that is no line of tracing", SERVER, []),
    ],
)  # fmt: skip
def test_lines_of_rust_that_are_no_json(text, parts, seen):
    assert judge(*read_lines("server-0", text), parts=parts) == seen


def test_the_database_comes_before_the_requests_that_failed_by_it():
    failed = [access(str(n), "/api/v3/core/users/", status=500) for n in range(3)]
    gone = read(event="Internal Server Error: /", level="error", exception=[{"exc_type": "OperationalError"}])
    assert [title for _, title in judge(*failed, *gone)] == ["PostgreSQL connection failed", "500"]


def test_a_grant_that_the_provider_does_not_allow_is_known():
    refused = line("Invalid grant_type for provider", request_id="1", grant_type="refresh_token")
    assert judge(refused, access("1", "/application/o/token/")) == [("warning", "Invalid grant_type for provider")]
    assert judge(refused, access("1", "/application/o/authorize/?client_id=argocd"))[0][0] == "error"
    assert judge(refused, access("1", "/application/o/token/", agent=OWN)) == []
    after = line(
        "The request is otherwise malformed", request_id="1", redirect_uri="https://argocd.example.org/auth/callback"
    )
    (found,) = findings(Log((refused, after, access("1")), NOW), SERVER, CLIENTS)
    assert found.clients == ("argocd",)
    missing = line("Missing authorization code", request_id="2", client_id="grafana")
    (found,) = findings(Log((missing, access("2", "/application/o/token/")), NOW), SERVER, CLIENTS)
    assert found.clients == ("grafana",)


def test_the_outposts_lines_are_left_to_its_own_check():
    redeem = line("failed to redeem code", level="error", logger="authentik.outpost.proxyv2.application")
    assert judge(redeem) == []
    assert judge(line("panic: nil"), parts=("outpost",)) == []


def test_a_refused_request_matters_when_it_names_a_declared_client():
    stranger = line("OAuth2Provider does not exist", request_id="1", client_id="nope"), access("1")
    declared = line("Invalid client secret", request_id="2", client_id="grafana"), access("2")
    by_address = (
        line(MISMATCH, request_id="3", cause="redirect_uri_no_match"),
        access("3", "/application/o/authorize/?client_id=argocd&redirect_uri=x"),
    )
    assert [severity for severity, _ in judge(*stranger)] == ["warning"]
    assert [severity for severity, _ in judge(*declared)] == ["error"]
    (found,) = findings(Log(by_address, NOW), SERVER, CLIENTS)
    assert found.severity == "error"
    assert found.clients == ("argocd",)
    assert "naming argocd" in found.seen


def test_the_suites_own_lines_never_count():
    address = "/application/o/authorize/?client_id=argocd"
    assert judge(line(MISMATCH, request_id="1"), access("1", address, agent=OWN)) == []
    assert judge(access("1", "/api/v3/core/users/", agent=OWN, status=500)) == []
    headers = {"User-Agent": OWN}
    assert judge(line("Reporting configuration error", headers=headers), parts=("outpost",)) == []


def test_the_suites_own_agent_is_what_the_door_sends():
    assert OWN.startswith(OWN_AGENT)
    assert f'user_agent = f"{OWN_AGENT}' in inspect.getsource(HttpClient)


def test_the_outposts_lines_are_known_by_their_neighbour():
    moment = EARLIER.replace(microsecond=900000)
    warning = line("invalid state", at=moment, name="Longhorn")
    own = line("/outpost.goauthentik.io/callback", at=moment + timedelta(seconds=0.2), name="Longhorn", user_agent=OWN)
    assert judge(warning, own, parts=("outpost",)) == []
    other = line("/outpost.goauthentik.io/callback", at=moment, name="Hubble", user_agent=OWN)
    elsewhere = line("/outpost.goauthentik.io/callback", at=moment, pod="server-1", name="Longhorn", user_agent=OWN)
    for foreign in (other, elsewhere):
        assert len(judge(warning, foreign, parts=("outpost",))) == 1


def test_what_this_run_causes_is_no_history():
    assert judge(line("panic: nil", at=NOW)) == []
    late = line("Invalid client identifier", at=NOW - timedelta(seconds=1), request_id="1")
    assert judge(late, access("2")) == []
    assert judge(line("Invalid client identifier", request_id="1"), access("2"))


def test_without_access_lines_nobody_can_be_blamed():
    with pytest.raises(NotVerified, match="no access lines"):
        judge(line("Invalid client secret", request_id="1", client_id="grafana"))
    known = judge(line("Invalid client secret", request_id="1"), line("panic: nil"))
    assert known[0] == ("error", "panic:")


def test_no_token_of_a_line_is_shown():
    entry = line("Refresh token does not exist", token="a-random-token", client_id="grafana", request_id="1")
    (found,) = findings(Log((entry, access("1")), NOW), SERVER, CLIENTS)
    assert "a-random-token" not in found.seen + repr(found)
    assert found.severity == "error"


def test_findings_are_counted_and_errors_come_first():
    lines = [line("Invalid client identifier", request_id=str(n)) for n in range(3)] + [access("0"), line("panic: nil")]
    found = findings(Log(lines, NOW), SERVER, CLIENTS)
    assert [(entry.severity, entry.count) for entry in found] == [("error", 1), ("warning", 3)]


def test_every_entry_can_be_shown():
    for entry in CATALOGUE:
        assert entry.title
        assert entry.remedy
        assert not set(entry.remedy) & set("{}"), entry.title
        json.dumps(entry.meaning)
