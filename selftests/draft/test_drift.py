"""What has drifted is named; a healthy estate has nothing to name, and what could not be seen is no health."""

from dataclasses import replace

import pytest

from fixtures.draft.inventories import MOST
from fixtures.model.drift import DIFFERENT, GONE, Drift
from lab import seeded
from lab.authentik.releases import RELEASES
from lab.faults import load as load_faults
from lab.shapes import RUNBOOK, load
from selftests.support.drafts import arrangement_of, drafting

# A fault that changes a declared thing, and the place that the drift names.
DRIFTED = {
    "redirect-uri-with-a-slash": "oidc argocd: redirect_uris",
    "subject-mode-changed": "oidc grafana: sub_mode",
    "host-variable-of-the-old-domain": "authentik: public_url",
    "argocd-reference-wrong": "oidc argocd: secret: name",
    "route-deleted": "forward_auth",
    "middleware-missing-on-route": "forward_auth",
    "outpost-lost-a-provider": "forward_auth",
    "provider-forgotten": "oidc",
    "group-deleted": "groups",
    "group-member-lost": "groups devops: members alice",
    "user-deleted": "users",
    "user-active-again": "users carol: active",
    "token-nobody-knows": "tokens",
    "skip-path-unanchored": "forward_auth",
    "access-token-for-a-month": "oidc argocd: lifetimes",
    "authentik-host-blank": "authentik",
    "client-back-to-its-own-issuer": "oidc grafana: issuer",
    "external-secret-missing": "oidc grafana: secret: external_secret",
    "external-secret-renamed-key": "oidc grafana: secret",
    "grafana-without-env-from": "oidc grafana: secret",
    "grant-types-empty-everywhere": "oidc argocd: grant_types",
    "hubble-not-deployed": "workloads kube-system/deployment/hubble-ui",
    "proxied-internal-host-gone": "forward_auth longhorn: backend",
    "proxied-route-past-the-outpost": "forward_auth longhorn",
    "outpost-service-selects-nothing": "authentik.outpost",
    "second-outpost-lost-its-provider": "forward_auth longhorn: outpost",
    "server-service-selects-nothing": "authentik",
    "open-host-gone": "open_hosts https://status.frank.derio.net",
    "redirect-list-empty": "oidc grafana: redirect_uris",
    "scope-profile-unmapped": "oidc argocd: essential_scopes",
    "second-host-past-the-gate": "host whoami-debug.frank.derio.net",
}
# A harmless change of what a draft reads, about which the file says nothing else: several routes or Services of one
# host, another place for a secret, what is left out on purpose, people and Applications that nobody lists.
NOT_DRIFTED = (
    "gate-in-a-parent-route",
    "gate-of-its-own-namespace",
    "outpost-path-to-its-own-service",
    "path-behind-the-gate",
    "grafana-secret-by-an-init-container",
    "grafana-file-of-a-projected-volume",
    "grafana-file-that-a-variable-names",
    "provider-forgotten-on-purpose",
    "route-forgotten-on-purpose",
    "retired-host-says-that-it-is-gone",
    "route-without-the-gate-of-another-host",
    "grant-types-declared",
    "argocd-application-of-somebody-else",
    "user-that-left",
)


def _authentik_below_another_path(world):
    for name in ("authentik-server", "authentik-worker"):
        (container,) = world.cluster.get("deployments", "authentik", name)["spec"]["template"]["spec"]["containers"]
        next(each for each in container["env"] if each["name"] == "AUTHENTIK_WEB__PATH")["value"] = "/sso/"


def _provider_below_a_path(world):
    gate = seeded.gate(world, "longhorn")
    gate.external_host += "/ui"


def _argocd_below_a_path(world):
    world.cluster.get("configmaps", "argocd", "argocd-cm")["data"]["url"] += "/cd"


def _open_path_no_longer_routed(world):
    for rule in world.cluster.get("ingressroutes", "grafana", "status")["spec"]["routes"]:
        rule["match"] += " && PathPrefix(`/elsewhere`)"


# What changes nothing but the path of an address, the shape that it is changed in, and the place that the drift names.
CHANGED_PATHS = (
    (_authentik_below_another_path, "authentik-below-a-path", "authentik: public_url"),
    (_provider_below_a_path, RUNBOOK.name, "forward_auth longhorn: url"),
    (_provider_below_a_path, "gate-below-a-path", "forward_auth longhorn: url"),
    (_argocd_below_a_path, RUNBOOK.name, "oidc argocd: url"),
    (_open_path_no_longer_routed, RUNBOOK.name, "open_hosts https://status.frank.derio.net/api/health"),
)
SHAPES = sorted({RUNBOOK.name, *load()})


@pytest.mark.parametrize("release", RELEASES)
def test_the_healthy_lab_has_not_drifted(tmp_path, release):
    with drafting(tmp_path, authentik=release) as lab:
        assert lab.drift() == Drift()


@pytest.mark.parametrize("shape", SHAPES)
def test_no_healthy_shape_has_drifted_and_a_missing_way_in_is_told(tmp_path, shape):
    with drafting(tmp_path, shape=shape) as lab:
        found, estate = lab.drift(), lab.estate
    assert found.differences == ()
    lacking = [side for side, way in (("authentik", estate.authentik.token), ("cluster", estate.cluster)) if not way]
    assert [sentence.partition(" ")[0] for sentence in found.not_compared] == lacking


@pytest.mark.parametrize("fault", DRIFTED)
def test_what_changed_is_named(tmp_path, fault):
    with drafting(tmp_path, fault, **arrangement_of(load_faults()[fault].options)[0]) as lab:
        found = lab.drift().differences
    assert [each for each in found if DRIFTED[fault] in each.place], [each.place for each in found]


@pytest.mark.parametrize(("change", "shape", "place"), CHANGED_PATHS)
def test_a_path_that_changed_is_named(tmp_path, change, shape, place):
    with drafting(tmp_path, shape=shape) as lab:
        change(lab.lab.world)
        found = lab.drift().differences
    assert place in [each.place for each in found]


@pytest.mark.parametrize("variant", NOT_DRIFTED)
def test_what_the_file_leaves_open_has_not_drifted(tmp_path, variant):
    with drafting(tmp_path, variant) as lab:
        assert lab.drift() == Drift()


def test_a_role_that_shows_nothing_is_told_and_nothing_of_it_differs(tmp_path):
    with drafting(tmp_path, "api-token-without-a-role") as lab:
        found = lab.drift()
    assert found.differences == ()
    assert {"oidc", "forward_auth", "outposts", "users"} <= {each.partition(" ")[0] for each in found.not_compared}


@pytest.mark.parametrize("right", ["routes", "services", "deployments", "middlewares", "externalsecrets"])
def test_a_right_that_is_missing_is_told_and_nothing_of_it_is_gone(tmp_path, right):
    with drafting(tmp_path) as lab:
        role = lab.lab.world.cluster.get("clusterroles", "", "sso-conformance")
        role["rules"] = [rule for rule in role["rules"] if not any(right in each for each in rule["resources"])]
        found = lab.drift()
    assert found.not_compared
    assert not [each for each in found.differences if each.change == GONE], found.differences
    assert not [each for each in found.differences if each.change == DIFFERENT and each.live is None]


def test_of_more_users_than_a_file_lists_each_declared_one_is_still_looked_for(tmp_path):
    with drafting(tmp_path) as lab:
        users = lab.lab.world.authentik.directory.users
        some = next(user for user in users.values() if user.username == "bob")
        for number in range(1000, 1000 + MOST + 1):
            users[number] = replace(some, pk=number, username=f"user-{number}")
        lab.lab.apply("user-deleted")
        found = lab.drift()
    assert [each.place for each in found.differences] == ["users carol"]
