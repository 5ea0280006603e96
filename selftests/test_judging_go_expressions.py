"""Expressions of Go's dialect: read as Go reads them, and never slow."""

import pytest

from fixtures.estate.oidc import RedirectUri
from fixtures.judging.go_expressions import GoExpression, NoExpression
from fixtures.judging.redirects import allows

EVIL = r"^/(a+)+$"


@pytest.mark.parametrize(
    ("expression", "text", "found"),
    [
        (r"^/api/", "/api/x", True),
        (r"/api", "/private/api", True),
        (r"^/[[:alpha:]]+$", "/abc", True),
        (r"^/x\z", "/x", True),
        (r"(?i)^/API$", "/api", True),
        (r"^/x$", "/x\n", False),
        (EVIL, "/" + "a" * 5000 + "!", False),
    ],
)
def test_expressions_are_gos(expression, text, found):
    assert GoExpression(expression).finds(text) is found


def test_case_is_ignored_where_that_is_asked():
    assert GoExpression("^ABC$", ignore_case=True).matches_all("abc")
    assert not GoExpression("^ABC$").matches_all("abc")


@pytest.mark.parametrize("expression", ["[", "(?=a)b", r"(a)\1", "a**"])
def test_what_go_refuses_is_no_expression(expression, capfd):
    with pytest.raises(NoExpression) as refused:
        GoExpression(expression)
    assert str(refused.value)
    assert capfd.readouterr() == ("", "")


def test_a_redirect_expression_cannot_make_the_suite_hang():
    registered = [RedirectUri(matching_mode="regex", url=r"https://a\.b/(x+x+)+y")]
    assert not allows(registered, "https://a.b/" + "x" * 2000)
    assert allows(registered, "https://a.b/xxy")


def test_a_redirect_expression_that_only_python_reads_is_read():
    registered = [RedirectUri(matching_mode="regex", url=r"https://a\.b/(?!admin).*")]
    assert allows(registered, "https://a.b/callback")
    assert not allows(registered, "https://a.b/admin")
