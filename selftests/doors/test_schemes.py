"""The scheme that a proxy tells those behind it: good and bad examples."""

import pytest

from fixtures.exchange.schemes import told_another, who_tells_it
from selftests.support.small_estate import estate_of


@pytest.mark.parametrize(
    ("found", "wanted", "scheme"),
    [
        ("https://a.example/x/", "http://a.example/x/", "https"),
        ("http://a.example", "https://A.example/", "http"),
        ("http://a.example:8443/x?y=1", "https://a.example:8443/x?y=1", "http"),
    ],
)
def test_nothing_but_the_scheme_differs(found, wanted, scheme):
    assert told_another(found, wanted) == scheme


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("https://a.example/", "https://a.example/"),
        ("http://a.example/", "https://b.example/"),
        ("http://a.example/x", "https://a.example/x/"),
        ("http://a.example/?x=1", "https://a.example/"),
        ("http://a.example:80/", "https://a.example/"),
        ("ftp://a.example/", "https://a.example/"),
        ("", "https://a.example/"),
        ("http://[", "https://a.example/"),
    ],
)
def test_more_or_something_else_differs(found, wanted):
    assert told_another(found, wanted) == ""


@pytest.mark.parametrize(("told", "listed"), [("http", True), ("https", False)])
def test_the_list_of_trusted_proxies_is_looked_at_where_it_may_decide(told, listed):
    remedy = who_tells_it(told, estate_of())
    assert ("AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS" in remedy.sentence) is listed
    assert "customRequestHeaders" in remedy.sentence
    assert any("deploy/authentik-server" in step.line for step in remedy.commands) is listed
