"""Roles, as applications tell them: good and bad examples."""

import pytest

from fixtures.estate.oidc import OidcApplication
from fixtures.model.signals import NotVerified
from fixtures.topics.logins.roles import (
    CREATE_PROJECTS,
    GET,
    SYNC,
    AppRole,
    argocd_role,
    due_groups,
    grafana_role,
    refuse_groundless,
    role_complaint,
    same_role,
)

ARGOCD = OidcApplication(
    name="argocd",
    kind="argocd",
    slug="argocd",
    url="https://argocd.example.org",
    client_id="argocd",
    redirect_uris=["https://argocd.example.org/auth/callback"],
    role="readonly",
    claims=["email", "groups"],
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
        ("Grafana Admin", "GrafanaAdmin", True),
        ("role:read-only", "readonly", True),
    ],
)
def test_spellings_of_one_role(declared, found, same):
    assert same_role(declared, found) is same


@pytest.mark.parametrize(
    ("role", "maps_groups"),
    [
        (AppRole("Viewer", ("developers",), ("developers",)), True),
        (AppRole("Viewer", None, ("developers",)), True),
        (AppRole("Viewer", (), ("developers",)), False),
        (AppRole("Viewer", (), ()), True),
        (AppRole("Viewer"), True),
    ],
)
def test_the_declared_role_with_its_grounds(role, maps_groups):
    assert role_complaint("Viewer", role, maps_groups=maps_groups) == ""


@pytest.mark.parametrize("declared", ["Viewer", "Editor"])
def test_a_default_role_of_a_token_that_lost_its_groups_only_looks_right(declared):
    said = role_complaint(declared, AppRole("Viewer", (), ("developers",)), maps_groups=True)
    assert "the groups claim is lost" in said
    assert "developers" in said


@pytest.mark.parametrize(
    ("told", "said"),
    [(("developers",), "with the groups developers"), (None, "is 'Editor', decl"), ((), "declared is")],
)
def test_another_role(told, said):
    complaint = role_complaint("Viewer", AppRole("Editor", told, ()), maps_groups=True)
    assert said in complaint
    assert "declared is 'Viewer'" in complaint
    assert "lost" not in complaint


@pytest.mark.parametrize(
    ("claims", "memberships", "due"),
    [
        ({"groups": ["a", "b"]}, ["1", "2"], ("a", "b")),
        # An expression passes on what the application needs, and no more.
        ({"groups": []}, ["1"], ()),
        ({"groups": None}, [], ()),
        ({}, ["1"], ()),
        ({"groups": "a"}, ["1"], ("a",)),
        (None, [], ()),
        (None, ["1"], None),
        (None, None, None),
    ],
)
def test_the_groups_that_a_token_should_carry(claims, memberships, due):
    assert due_groups(claims, memberships) == due


def test_without_the_api_a_role_without_groups_is_not_verified():
    argocd = ARGOCD
    with pytest.raises(NotVerified, match="told no groups"):
        refuse_groundless(argocd, AppRole("readonly", ()))
    for judged in (AppRole("admin", ()), AppRole("readonly", (), ()), AppRole("readonly", ("a",)), AppRole("readonly")):
        refuse_groundless(argocd, judged)
