"""Roles as Argo CD and Grafana give them, read from their own settings; what those do not tell is not guessed."""

import pytest

from fixtures.draft.roles import by_expression, by_rbac

POLICY = "# people\ng, admins, role:admin\ng, developers, role:readonly\n\ng, team, role:deployer\n"
EXPRESSION = "contains(groups[*], 'admins') && 'Admin' || contains(groups[*], 'devops') && 'Editor' || 'Viewer'"


@pytest.mark.parametrize(
    ("default", "groups", "role"),
    [
        ("role:readonly", ["admins"], "admin"),
        ("role:readonly", ["developers"], "readonly"),
        ("role:readonly", [], "readonly"),
        ("role:admin", ["developers"], "admin"),
        ("", ["developers"], "readonly"),
        ("", [], ""),
        ("", ["team"], ""),
        ("role:readonly", ["admins", "team"], ""),
    ],
)
def test_argocds_groups_have_their_roles_and_everybody_the_default(default, groups, role):
    assert by_rbac({"policy.csv": POLICY, "policy.default": default}, "").of(groups) == role


def test_argocds_policy_is_read_as_argocd_reads_it():
    overlaid = {"policy.csv": POLICY, "policy.sso.csv": 'g, "platform, all of it", role:admin\ng, "ops",role:admin\n'}
    roles = by_rbac({**overlaid, "policy.matchMode": "glob"}, "")
    assert [roles.of([group]) for group in ("platform, all of it", "ops", "admins", "others")] == ["admin"] * 3 + [""]
    assert roles.groups == ("admins", "developers", "team", "platform, all of it", "ops")
    assert by_rbac({"policy.csv": 'g, "open, role:admin\ng, admins, role:admin'}, "").of(["admins"]) == "admin"
    assert by_rbac({"policy.csv": f"g, {'a' * 200_000}, role:admin"}, "") is None


@pytest.mark.parametrize(
    "settings",
    [
        {"policy.csv": f"{POLICY}p, developers, applications, sync, */*, allow", "policy.default": "role:readonly"},
        {"policy.csv": f"{POLICY}p, role:readonly, applications, sync, */*, allow", "policy.default": ""},
        {"policy.csv": POLICY, "scopes": "[groups, email]"},
    ],
)
def test_argocds_rights_by_hand_or_by_other_claims_tell_no_role(settings):
    assert by_rbac(settings, "").of(["developers"]) == ""


@pytest.mark.parametrize("scopes", ["[a", "groups", "[[a]]", "{a: 1}"])
def test_scopes_that_are_no_list_of_names_tell_nothing(scopes):
    assert by_rbac({"scopes": scopes}, "") is None


@pytest.mark.parametrize(
    ("groups", "role"),
    [(["admins", "devops"], "Admin"), (["devops"], "Editor"), (["developers"], "Viewer"), ([], "Viewer")],
)
def test_grafanas_first_group_decides(groups, role):
    assert by_expression(EXPRESSION, "").of(groups) == role


@pytest.mark.parametrize("expression", ["length(groups) > `0` && 'Editor' || 'Viewer'", "'Admin'", f"!({EXPRESSION})"])
def test_an_expression_of_another_form_tells_no_role(expression):
    assert by_expression(expression, "").of(["admins"]) == ""


def test_the_groups_that_are_given_a_role_are_known():
    assert by_rbac({"policy.csv": POLICY}, "").groups == ("admins", "developers", "team")
    assert by_rbac({"policy.csv": "g, proj:a:b, role:admin\ng, role:x, role:admin"}, "").groups == ()
    assert by_rbac({"policy.csv": POLICY, "scopes": "[groups, email]"}, "").groups == ()
    assert by_expression(EXPRESSION, "").groups == ("admins", "devops")


def test_without_an_expression_there_are_no_roles():
    assert by_expression("", "") is None
