"""Judging ArgoCD's Applications."""

import pytest

from fixtures.exchange.argocd import Application
from fixtures.topics.gitops.rules import application_complaints

IN_ORDER = {"sync": {"status": "Synced"}, "health": {"status": "Healthy"}}


def complaints(status):
    return application_complaints(Application.read({"metadata": {"name": "a"}, "status": status}))


@pytest.mark.parametrize("phase", [None, "Succeeded", "Running"])
def test_an_application_in_order(phase):
    assert complaints(IN_ORDER | {"operationState": {"phase": phase}}) == []


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (IN_ORDER | {"sync": {"status": "OutOfSync"}}, "it is OutOfSync, not Synced"),
        (IN_ORDER | {"health": {"status": "Degraded"}}, "it is Degraded, not Healthy"),
        (
            IN_ORDER | {"operationState": {"phase": "Failed", "message": "hook"}},
            "its last operation is Failed: hook",
        ),
        (IN_ORDER | {"health": None}, "it is Unknown, not Healthy"),
    ],
)
def test_one_thing_that_is_not(status, says):
    assert complaints(status) == [says]


def test_nothing_is_known_of_one_without_a_status():
    assert complaints(None) == ["it is Unknown, not Synced", "it is Unknown, not Healthy"]
