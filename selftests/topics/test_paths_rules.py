"""Paths that a gate leaves open, and the tricks that reach behind it."""

import pytest

from fixtures.topics.gate.paths import open_prefix, open_prefixes, tricks, unused_name


@pytest.mark.parametrize(
    ("expression", "prefix"),
    [
        ("^/public/", "/public"),
        ("^/public", "/public"),
        ("^/public/.*", "/public"),
        ("^/public/.*$", "/public"),
        (r"^/api/v1\.0/health$", "/api/v1.0/health"),
        ("^/", None),
        ("^/.*", None),
        ("/public", None),
        ("^/(a|b)/", None),
        ("^/a.b/", None),
        ("", None),
    ],
)
def test_a_prefix_is_read_from_an_expression(expression, prefix):
    assert open_prefix(expression) == prefix


def test_tricks_leave_each_open_prefix():
    targets = tricks("x", open_prefixes(["^/public/", "^/(a|b)"]))
    assert targets == (b"//x", b"/x/../x", b"/x/%2e%2e/x", b"/x%2fx", b"/x;/x", b"/public/../x")


def test_names_are_never_the_same():
    assert unused_name() != unused_name()
    assert unused_name().startswith("sso-conformance-")


def test_tricks_stay_below_the_path_of_an_application():
    targets = tricks("x", ("/ops/public",), "/ops")
    assert all(target.startswith(b"/ops/") for target in targets)
    assert b"/ops//x" in targets
    assert b"/ops/public/../x" in targets
