"""Lines of a log are read in whichever form they were written."""

import pytest

from fixtures.model.limits import LONGEST_LOG_TEXT
from fixtures.topics.logs.reading import read_lines
from fixtures.topics.logs.rules import explained

UNKNOWN = "an unknown error"
FETCH = "failed to fetch providers"


@pytest.mark.parametrize(
    ("content", "title"),
    [
        # Rust's tracing with its own fields in an object, logrus in JSON and in pairs, zap
        ('{"level":"ERROR","fields":{"message":"failed to fetch providers"},"target":"authentik_outpost"}', FETCH),
        ('{"level":"error","msg":"Failed to fetch providers","error":"403","logger":"authentik.outpost"}', FETCH),
        (
            'time="10:00" level=error msg="failed to fetch providers" error="403 \\"no\\"" logger=authentik.outpost',
            FETCH,
        ),
        ('{"severity":"ERROR","message":"Failed to fetch providers","logger":"authentik.outpost"}', FETCH),
        ('{"lvl":"err","msg":"odd"}', UNKNOWN),
        ('level=error msg="odd"', UNKNOWN),
        # Gunicorn's own form, structlog's console, nginx
        ("[2026-11-27 10:00:00 +0000] [12] [ERROR] Worker (pid:44) was sent SIGKILL!", "Worker was sent SIGKILL"),
        ("[2026-11-27 10:00:00 +0000] [12] [CRITICAL] WORKER TIMEOUT (pid:44)", "Worker timed out"),
        ("2026-11-27 10:00:00 [error    ] odd   [authentik.x] a=b", UNKNOWN),
        (
            "2026-11-27T10:00:00.123456Z [error    ] OperationalError: the connection is closed",
            "PostgreSQL connection failed",
        ),
        ("2026/11/27 10:00:00 [crit] 7#7: *1 odd", UNKNOWN),
        # ordinary work
        ('level=info msg="error count is 0"', None),
        ("[2026-11-27 10:00:00 +0000] [12] [INFO] Booting worker with pid: 44", None),
        ("GET /?level=error HTTP/1.1 200", None),
        ("[error page] served", None),
        ("level=error", None),
    ],
)
def test_the_form_of_a_line_does_not_count(content, title):
    (line,) = read_lines("p", f"2026-11-27T10:00:00.123456789+01:00 {content}")
    entry = explained(line, ("process", "server", "worker", "outpost"))
    assert (entry.title if entry else None) == title
    assert line.at is not None


def test_an_endless_line_of_pairs_is_read_at_once():
    (line,) = read_lines("p", 'a="' + '\\"' * 200_000 + " b=" * 100_000)
    assert len(line.text("event")) <= LONGEST_LOG_TEXT + 1
