"""Whose a request was that an application, or an outpost, made in its own name after a login of the suite's."""

from datetime import timedelta

from fixtures.topics.logs.rules import Log, findings
from selftests.support.log_lines import CLIENTS, EARLIER, NOW, OWN, SERVER, access, judge, line

TOKEN_PATH = "/application/o/token/"


def provoked(*, seconds=1.0, agent="Go-http-client/2.0", client="grafana", times=1):
    """Token requests in an application's own name, after a login to Grafana that the suite began, on another pod."""
    begun = access("0", "/application/o/authorize/?client_id=grafana&state=x", agent=OWN, pod="server-1", status=302)
    lines = [begun]
    for number in range(1, times + 1):
        at = EARLIER + timedelta(seconds=seconds)
        lines.append(line("Invalid client secret", at=at, request_id=str(number), client_id=client))
        lines.append(access(str(number), TOKEN_PATH, agent=agent))
    return [finding.count for finding in findings(Log(tuple(lines), NOW), SERVER, CLIENTS)]


def test_what_a_login_of_the_suite_made_an_application_ask_does_not_count():
    assert provoked() == []
    assert provoked(times=2) == []
    assert provoked(client="") == []
    # Whoever guesses is more than one login, another client's, or of another minute.
    assert provoked(times=50) == [48]
    assert provoked(client="argocd") == [1]
    assert provoked(seconds=40) == [1]
    assert provoked(seconds=-40) == [1]


def test_what_the_suite_made_a_gate_ask_does_not_count():
    asked = line("/", at=EARLIER, name="Hubble", user_agent=OWN, logger="authentik.outpost.proxyv2.application")
    refused = line("User not authenticated for application", request_id="1")
    for name, left in (("Hubble", []), ("Longhorn", ["User not authenticated for application"])):
        request = access("1", TOKEN_PATH, agent=f"goauthentik.io/outpost/2026.8.0 (provider={name})")
        assert [title for _, title in judge(asked, refused, request)] == left
