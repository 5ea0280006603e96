"""What has drifted is named; a healthy estate has nothing to name, and what could not be seen is no health."""

import pytest

from selftests.support.drafts import drafting

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
}


def test_the_healthy_lab_has_not_drifted(tmp_path):
    with drafting(tmp_path) as lab:
        assert lab.drift() == []


@pytest.mark.parametrize("fault", DRIFTED)
def test_what_changed_is_named(tmp_path, fault):
    with drafting(tmp_path, fault) as lab:
        found = lab.drift()
    assert [each for each in found if DRIFTED[fault] in each.place], [each.place for each in found]
