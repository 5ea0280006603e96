"""Which forged headers got through: good and bad echoes."""

from fixtures.topics.gate.spoofing import BESIDES, IDENTITY, arrived, forged_headers, identity_header

MARK = "sso-conformance-0123"


def echo(*names: str) -> str:
    sent = forged_headers(MARK)
    return "GET /public/x HTTP/1.1\n" + "".join(f"{name.title()}: {sent[name]}\n" for name in names)


def test_every_header_is_forged_with_a_value_of_its_own():
    sent = forged_headers(MARK)
    assert len(sent) == len(IDENTITY) + len(BESIDES)
    values = list(sent.values())
    assert not [value for value in values if any(value in other for other in values if other is not value)]


def test_nothing_arrived():
    assert arrived(echo(), MARK, (*IDENTITY, *BESIDES)) == []


def test_what_arrived_is_named():
    text = echo("X-authentik-username", "X-authentik-entitlements")
    assert arrived(text, MARK, IDENTITY) == ["X-authentik-username"]
    assert arrived(text, MARK, BESIDES) == ["X-authentik-entitlements"]


def test_a_name_is_not_taken_for_a_username():
    assert arrived(echo("X-authentik-username"), MARK, ("name",)) == []
    assert arrived(echo("X-authentik-name"), MARK, ("name",)) == [identity_header("name")]


def test_headers_that_the_gate_set_are_not_forged():
    assert arrived("X-Authentik-Username: alice\n", MARK, IDENTITY) == []
