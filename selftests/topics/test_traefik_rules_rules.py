"""The suite's reading of Traefik's rules: what may match, what must, and what it refuses to read."""

import pytest

from fixtures.topics.routes.rule_conditions import Match, Requests
from fixtures.topics.routes.rule_tokens import NotLoaded, Unreadable, tokens
from fixtures.topics.routes.traefik_rules import hosts_named, read_rule
from fixtures.topics.routes.traefik_versions import Dialect, version_of_image

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
        ("HostRegexp(`^[a-z]+\\.frank\\.derio\\.net$`)", ALWAYS),
        ("HostRegexp(`^[[:alpha:]]+\\.frank\\.derio\\.net$`)", ALWAYS),
        ("HostRegexp(`^(argocd|grafana)\\.frank\\.derio\\.net$`)", NEVER),
        ("HostRegexp(`{name:[a-z]+}.frank.derio.net`)", ALWAYS),
        ("HostRegexp(`{name:[a-z]+}.derio.net`)", NEVER),
        ("HostRegexp(`{any}.net`)", ALWAYS),
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


TRAEFIK_36, TRAEFIK_37, TRAEFIK_38 = Dialect((3, 6, 8)), Dialect((3, 7, 0)), Dialect((3, 8, 1))


@pytest.mark.parametrize(
    ("rule", "before", "first", "later"),
    [
        ("Host(`*.frank.derio.net`)", NEVER, ALWAYS, ALWAYS),
        ("Host(`*.FRANK.derio.net.`)", NEVER, ALWAYS, ALWAYS),
        # An asterisk is one label, two are one or more.
        ("Host(`*.derio.net`)", NEVER, NEVER, NEVER),
        ("Host(`*.longhorn.frank.derio.net`)", NEVER, NEVER, NEVER),
        ("Host(`**.derio.net`)", NEVER, SOMETIMES, ALWAYS),
        ("Host(`**.frank.derio.net`)", NEVER, SOMETIMES, ALWAYS),
        ("Host(`**.example.net`)", NEVER, NEVER, NEVER),
        # Patch releases of 3.7 differ about these two: such a route may be open.
        ("Host(`*`)", NEVER, SOMETIMES, ALWAYS),
        ("Host(`long*.frank.derio.net`)", NEVER, NEVER, NEVER),
        ("!Host(`*.frank.derio.net`)", ALWAYS, NEVER, NEVER),
    ],
)
def test_wildcards_by_version(rule, before, first, later):
    found = [read_rule(rule, dialect)(LONGHORN) for dialect in (TRAEFIK_36, TRAEFIK_37, TRAEFIK_38)]
    assert found == [before, first, later]
    assert read_rule(rule, Dialect((3, 7, 12), "v2"))(LONGHORN) is before


@pytest.mark.parametrize(
    ("rule", "before", "first"),
    [
        ("HostSNI(`*`)", ALWAYS, ALWAYS),
        ("HostSNI(`other.example`)", NEVER, NEVER),
        ("HostSNI(`*.frank.derio.net`)", NEVER, ALWAYS),
    ],
)
def test_rules_for_connections_by_version(rule, before, first):
    dialects = (each._replace(of_connections=True) for each in (TRAEFIK_36, TRAEFIK_37))
    assert [read_rule(rule, dialect)(LONGHORN) for dialect in dialects] == [before, first]


@pytest.mark.parametrize("rule", [HOST, f"HostSNI(`*`) && {HOST}", "PathPrefix(`/`)"])
def test_what_is_asked_of_requests_is_no_rule_for_connections(rule):
    with pytest.raises(NotLoaded, match="of rules for requests"):
        read_rule(rule, Dialect((3, 7, 0), of_connections=True))


def test_a_wildcard_to_a_version_that_is_not_known_cannot_be_told():
    with pytest.raises(Unreadable, match=r"depends on Traefik's version"):
        read_rule("Host(`*.frank.derio.net`)")


TWO = "Host(`hubble.frank.derio.net`, `longhorn.frank.derio.net`)"


@pytest.mark.parametrize("rule", [TWO, "HostHeader(`longhorn.frank.derio.net`)", f"{HOST} && Path(`/a`, `/b`)"])
def test_what_version_3_does_not_load(rule):
    with pytest.raises(NotLoaded, match="Traefik 3"):
        read_rule(rule, TRAEFIK_36)
    for old in (Dialect((2, 11, 56)), Dialect((3, 6, 8), "v2")):
        assert read_rule(rule, old)(LONGHORN).possible
    with pytest.raises(Unreadable, match="Traefik 2 only") as raised:
        read_rule(rule)
    assert not isinstance(raised.value, NotLoaded)


def test_what_looks_like_a_template_is_an_expression_to_version_3():
    assert read_rule("HostRegexp(`{name:[a-z]+}.frank.derio.net`)", TRAEFIK_37)(LONGHORN) is NEVER
    assert read_rule("HostRegexp(`^[a-z]{8}[.]frank[.]derio[.]net$`)", TRAEFIK_37)(LONGHORN) is ALWAYS


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("docker.io/traefik:v3.6.8", (3, 6, 8)),
        ("registry.local:5000/rancher/mirrored-library-traefik:3.7", (3, 7)),
        ("traefik:3.7.12-rc.1@sha256:0123456789abcdef", (3, 7, 12)),
        ("traefik:latest", ()),
        ("traefik@sha256:0123456789abcdef", ()),
        ("traefik@sha256:2f00ac56789abcdef", ()),
        ("ghcr.io/traefik/traefik-hub:v3.20.1", ()),
    ],
)
def test_the_version_of_an_image(image, version):
    assert version_of_image(image) == version


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


def test_the_tokens_of_a_rule():
    assert tokens("!Path(`/a b`)") == [("sign", "!"), ("name", "Path"), ("sign", "("), ("text", "/a b"), ("sign", ")")]
    assert tokens('Host("a\\\\.b", "")')[2:5] == [("text", "a\\.b"), ("sign", ","), ("text", "")]
    for text in ("", "Host('a')", 'Host("\\101")', "Host(`a"):
        with pytest.raises(ValueError, match=r"rule|read"):
            tokens(text)
