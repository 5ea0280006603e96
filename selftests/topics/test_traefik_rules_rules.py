"""The suite's reading of Traefik's rules: what may match, what must, and what it refuses to read."""

import pytest

from fixtures.topics.routes.traefik_rules import Match, Requests, Unreadable, hosts_named, read_rule

LONGHORN = Requests("longhorn.frank.derio.net")
ADMIN = Requests("longhorn.frank.derio.net", ("/admin",))
HOST = "Host(`longhorn.frank.derio.net`)"
NEVER, SOMETIMES, ALWAYS = Match.NEVER, Match.SOMETIMES, Match.ALWAYS


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (HOST, ALWAYS),
        ('Host("LONGHORN.frank.derio.net")', ALWAYS),
        ("Host(`longhorn.frank.derio.net.`)", ALWAYS),
        ("Host(`hubble.frank.derio.net`)", NEVER),
        ("Host(`hubble.frank.derio.net`, `longhorn.frank.derio.net`)", ALWAYS),
        ("HostRegexp(`^[a-z]+\\.frank\\.derio\\.net$`)", ALWAYS),
        ("HostRegexp(`^[[:alpha:]]+\\.frank\\.derio\\.net$`)", ALWAYS),
        ("HostRegexp(`^(argocd|grafana)\\.frank\\.derio\\.net$`)", NEVER),
        ("HostRegexp(`{name:[a-z]+}.frank.derio.net`)", ALWAYS),
        ("HostRegexp(`{name:[a-z]+}.derio.net`)", NEVER),
        ("HostRegexp(`{any}.net`)", ALWAYS),
        ("HostSNI(`*`)", ALWAYS),
        ("HostSNI(`other.example`)", NEVER),
        (f"!{HOST}", NEVER),
        ("!Host(`hubble.frank.derio.net`)", ALWAYS),
        (f"{HOST} && PathPrefix(`/`)", ALWAYS),
        (f"{HOST} && PathPrefix(`/v1`)", SOMETIMES),
        (f"{HOST} && !PathPrefix(`/v1`)", SOMETIMES),
        (f"{HOST} && PathRegexp(`^/v[0-9]+`)", SOMETIMES),
        (f"{HOST} && Path(`/healthz`)", SOMETIMES),
        (f"{HOST} && Method(`OPTIONS`)", SOMETIMES),
        (f"{HOST} && Header(`X-Debug`, `1`)", SOMETIMES),
        (f"{HOST} && ClientIP(`10.0.0.0/8`)", SOMETIMES),
        ("PathPrefix(`/api`)", SOMETIMES),
        ("Host(`a.b`) || " + HOST, ALWAYS),
        ("Host(`a.b`) && Path(`/x`) || " + HOST, ALWAYS),
        ("Host(`a.b`) && (Path(`/x`) || " + HOST + ")", NEVER),
        (f"({HOST})", ALWAYS),
        (f"{HOST} && Host(`a.b`)", NEVER),
    ],
)
def test_what_a_rule_takes(rule, expected):
    assert read_rule(rule)(LONGHORN) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("PathPrefix(`/`)", ALWAYS),
        ("PathPrefix(`/admin`)", ALWAYS),
        ("PathPrefix(`/admin/users`)", SOMETIMES),
        ("PathPrefix(`/public`)", NEVER),
        ("Path(`/public`)", NEVER),
        ("Path(`/admin/users`)", SOMETIMES),
    ],
)
def test_only_the_paths_that_are_asked_about(condition, expected):
    assert read_rule(f"{HOST} && {condition}")(ADMIN) is expected


@pytest.mark.parametrize(
    ("rule", "about"),
    [
        ("", "empty"),
        ("Host(`a.b`", "missing at its end"),
        ("Host(a)", "a text is missing before 'a'"),
        ("Host(`a.b`) Host(`c.d`)", "not expected"),
        ("Host(`a.b`) && ", "missing at its end"),
        ("Nonsense(`x`)", "nothing is known of Nonsense"),
        ("HostRegexp(`[`)", "cannot be read"),
        ("HostRegexp(`(?=a)`)", "cannot be read"),
        ("Host(`a.b`) & Path(`/`)", "cannot be read from"),
    ],
)
def test_what_cannot_be_read_is_named(rule, about):
    with pytest.raises(Unreadable, match=about) as raised:
        read_rule(rule)
    assert rule[:20] in str(raised.value).replace("\\\\", "\\")


def test_hosts_are_named_in_order():
    rule = "(Host(`a.b`, `c.d`) || HostRegexp(`^(x|y)\\.z$`)) && !HostSNI(`e.f`) && PathPrefix(`/Host`)"
    assert hosts_named(rule) == ("a.b", "c.d", "^(x|y)\\.z$", "e.f")
