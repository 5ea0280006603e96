"""Lines of Authentik's log as a test writes them, and what the catalogue makes of some."""

from datetime import UTC, datetime, timedelta

from fixtures.topics.logs.reading import Line
from fixtures.topics.logs.rules import Log, findings

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=10)
SERVER = ("process", "server")
CLIENTS = {"argocd": "argocd", "grafana": "grafana", "https://argocd.example.org/auth/callback": "argocd"}
OWN = "sso-conformance/1 (run 0badcafe)"


def line(event, at=EARLIER, pod="server-0", **fields):
    return Line(pod, at, {"event": event, "level": "warning", **fields})


def access(request_id, path="/application/o/authorize/", agent="Mozilla/5.0", status=400, **more):
    """The line of one request."""
    return line(path, logger="authentik.asgi", request_id=request_id, user_agent=agent, status=status, **more)


def judge(*lines, parts=SERVER, before=NOW):
    """Severity and title of what the catalogue finds in these lines of the parts, up to that moment."""
    return [(finding.severity, finding.entry.title) for finding in findings(Log(lines, before), parts, CLIENTS)]
