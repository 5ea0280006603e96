"""The scheme that a proxy tells those behind it: good and bad examples."""

import pytest

from fixtures.exchange.schemes import told_another


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
