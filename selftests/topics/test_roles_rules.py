"""Roles, as applications tell them: good and bad examples."""

import pytest

from fixtures.topics.logins.rules import (
    CREATE_PROJECTS,
    GET,
    SYNC,
    argocd_role,
    grafana_role,
    role_complaint,
    same_role,
)


@pytest.mark.parametrize(
    ("projects", "sync", "get", "role"),
    [
        (True, True, True, "admin"),
        (False, False, True, "readonly"),
        (False, False, False, "none"),
        (False, True, True, "neither admin nor readonly"),
        (True, False, True, "neither admin nor readonly"),
        (True, True, False, "neither admin nor readonly"),
    ],
)
def test_what_argocd_permits_tells_the_role(projects, sync, get, role):
    assert argocd_role({CREATE_PROJECTS: projects, SYNC: sync, GET: get}) == role


@pytest.mark.parametrize(
    ("user", "organisations", "role"),
    [
        ({"orgId": 1}, [{"orgId": 1, "role": "Editor"}], "Editor"),
        ({"orgId": 2}, [{"orgId": 1, "role": "Admin"}, {"orgId": 2, "role": "Viewer"}], "Viewer"),
        ({"orgId": 1, "isGrafanaAdmin": True}, [{"orgId": 1, "role": "Viewer"}], "GrafanaAdmin"),
        ({"orgId": 1, "isGrafanaAdmin": "yes"}, [{"orgId": 1, "role": "Viewer"}], "Viewer"),
        ({"orgId": 1}, [{"orgId": 2, "role": "Admin"}], "none"),
        ({"orgId": 1}, [{"orgId": 1}], "none"),
        ({"orgId": 1}, ["Admin"], "none"),
        ({"orgId": 1}, {"message": "Unauthorized"}, "none"),
        ({}, [], "none"),
    ],
)
def test_the_role_in_grafanas_open_organisation(user, organisations, role):
    assert grafana_role(user, organisations) == role


@pytest.mark.parametrize(
    ("declared", "found", "same"),
    [
        ("role:readonly", "readonly", True),
        ("readonly", "readonly", True),
        ("viewer", "Viewer", True),
        ("admin", "readonly", False),
        ("role:admin", "administrator", False),
        ("GrafanaAdmin", "Admin", False),
    ],
)
def test_spellings_of_one_role(declared, found, same):
    assert same_role(declared, found) is same


@pytest.mark.parametrize(("groups", "maps_groups"), [(("developers",), True), (None, True), ((), False), (None, False)])
def test_the_declared_role_with_its_grounds(groups, maps_groups):
    assert role_complaint("Viewer", "Viewer", groups, maps_groups=maps_groups) == ""


def test_a_default_role_without_groups_only_looks_right():
    said = role_complaint("Viewer", "Viewer", (), maps_groups=True)
    assert "the groups claim is missing" in said


@pytest.mark.parametrize(
    ("groups", "said"), [(("developers",), "with the groups developers"), (None, "the role is 'Editor', declared")]
)
def test_another_role(groups, said):
    complaint = role_complaint("Viewer", "Editor", groups, maps_groups=True)
    assert said in complaint
    assert "declared is 'Viewer'" in complaint
