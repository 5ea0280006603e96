"""Judging ArgoCD's Applications."""

from datetime import UTC, datetime, timedelta

import pytest

from fixtures.estate.names import NamespacedName
from fixtures.exchange.argocd import Application, AppProject
from fixtures.exchange.flux import FluxObject, Source
from fixtures.topics.gitops.rules import (
    application_complaints,
    flux_complaints,
    held_back,
    source_complaints,
    why_flux_is_open,
    why_open,
    why_source_is_open,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
IN_ORDER = {"sync": {"status": "Synced"}, "health": {"status": "Healthy"}}
OUT = IN_ORDER | {"sync": {"status": "OutOfSync"}}


def ago(**span):
    return (NOW - timedelta(**span)).isoformat()


def health(status, **span):
    return {"health": {"status": status, "lastTransitionTime": ago(**span) if span else None}}


def operation(phase, message="", **span):
    return {"operationState": {"phase": phase, "message": message, "startedAt": ago(**span) if span else None}}


def application(status, **metadata):
    return Application.read({"metadata": {"name": "a", **metadata}, "status": status})


def complaints(status, **metadata):
    return application_complaints(application(status, **metadata), NOW)


@pytest.mark.parametrize("phase", [None, "Succeeded", "Running"])
@pytest.mark.parametrize("compared", [None, ago(minutes=2), ago(hours=20)])
def test_an_application_in_order(phase, compared):
    status = IN_ORDER | operation(phase) | {"reconciledAt": compared}
    assert complaints(status) == []
    assert why_open(application(status), NOW) == ""


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (OUT, "it is OutOfSync, not Synced"),
        (IN_ORDER | {"health": {"status": "Degraded"}}, "it is Degraded, not Healthy"),
        (IN_ORDER | operation("Failed", "hook"), "its last operation is Failed: hook"),
        (IN_ORDER | operation("Terminating", "stop"), "its last operation is Terminating: stop"),
        (IN_ORDER | {"health": None}, "it is Unknown, not Healthy"),
        (IN_ORDER | health("Missing", minutes=1), "it is Missing, not Healthy"),
        # An Ingress without an address never gets beyond it.
        (IN_ORDER | health("Progressing"), "it is Progressing, not Healthy"),
        (IN_ORDER | health("Progressing", hours=2), "it is Progressing, not Healthy"),
        (OUT | health("Healthy", minutes=1), "it is OutOfSync, not Synced"),
        (IN_ORDER | operation("Running", "waiting for hook", hours=41), "Running for 41 h: waiting for hook"),
    ],
)
def test_one_thing_that_is_not(status, says):
    (complaint,) = complaints(status)
    assert says in complaint


def test_a_sync_that_never_ends_excuses_nothing():
    stuck = OUT | health("Missing", hours=9) | operation("Running", "retrying", hours=9)
    assert [each.partition(",")[0].partition(":")[0] for each in complaints(stuck)] == [
        "it is OutOfSync",
        "it is Missing",
        "its operation has been Running for 9 h",
    ]


@pytest.mark.parametrize(
    ("status", "metadata", "says"),
    [
        (OUT | operation("Running", minutes=3), {}, "while a sync"),
        (OUT | health("Degraded", minutes=2) | operation("Running", minutes=3), {}, "while a sync"),
        (OUT | operation("Running"), {}, "while a sync"),
        (IN_ORDER | health("Progressing", minutes=5), {}, "while a sync"),
        (IN_ORDER | health("Suspended", days=5), {}, "is paused"),
        (IN_ORDER | {"reconciledAt": ago(days=3)}, {}, "3 d ago"),
        (IN_ORDER, {"annotations": {"argocd.argoproj.io/skip-reconcile": "true"}}, "status is of before"),
    ],
)
def test_what_its_status_does_not_tell_is_open(status, metadata, says):
    found = application(status, **metadata)
    assert application_complaints(found, NOW) == []
    assert says in why_open(found, NOW)


def test_one_that_is_being_deleted_is_not_in_order():
    assert complaints(IN_ORDER, deletionTimestamp=ago(hours=2)) == ["it is being deleted"]


def test_nothing_is_known_of_one_without_a_status():
    assert complaints(None) == ["it is Unknown, not Synced", "it is Unknown, not Healthy"]


def flux(ready="True", *, since="2026-11-27T11:00:00Z", generation=1, suspend=False, more=(), **metadata):
    shown = {"type": "Ready", "status": ready, "reason": "R", "message": "m", "lastTransitionTime": since}
    conditions = [shown, *more] if ready else list(more)
    return FluxObject.read(
        {
            "metadata": {"name": "apps", "namespace": "flux-system", "generation": generation, **metadata},
            "spec": {"suspend": suspend},
            "status": {"conditions": conditions, "observedGeneration": 1},
        }
    )


FLUX_NOW = datetime(2026, 11, 27, 11, 30, tzinfo=UTC)
RECONCILING = {"type": "Reconciling", "status": "True", "reason": "Progressing", "message": "m"}
STALLED = {"type": "Stalled", "status": "True", "reason": "InvalidPath", "message": "no such path"}


@pytest.mark.parametrize(
    ("found", "complaint", "open_"),
    [
        (flux(), "", ""),
        # Reconciling may be of before, and stays beside a Ready that is newer.
        (flux(more=[RECONCILING]), "", ""),
        (flux("False"), "Ready is False (R: m)", ""),
        (flux("False", more=[STALLED]), "it is stalled (InvalidPath", ""),
        (flux("Unknown", more=[RECONCILING]), "", "being reconciled"),
        (flux("Unknown", since="2026-11-27T08:00:00Z"), "has been reconciled for", ""),
        (flux(""), "", "has not looked at it yet"),
        (flux(generation=2), "", "newest form"),
        (flux(suspend=True, generation=2), "", "suspended"),
        (flux("False", suspend=True), "", "suspended"),
        (flux(deletionTimestamp="2026-11-27T11:00:00Z"), "being deleted", ""),
    ],
)
def test_what_flux_says_of_its_objects(found, complaint, open_):
    said = flux_complaints(found, FLUX_NOW)
    assert bool(said) is bool(complaint)
    assert complaint in "; ".join(said)
    if not said:
        assert open_ in why_flux_is_open(found)
        assert bool(open_) is bool(why_flux_is_open(found))


HOME = Source("GitRepository", NamespacedName("flux-system", "home"))
CHART = Source("HelmChart", NamespacedName("flux-system", "web-chart"))
SHOP = Source("HelmRepository", NamespacedName("flux-system", "shop"))


def taking(source=None, ready="True", **spec):
    """An object of Flux's in flux-system that takes its content from a source."""
    named = {"sourceRef": {"kind": source.kind, "name": source.ref.name}} if source else {}
    conditions = [{"type": "Ready", "status": ready, "reason": "R", "message": "m"}] if ready else []
    metadata = {"name": "apps", "namespace": "flux-system"}
    return FluxObject.read({"metadata": metadata, "spec": {**named, **spec}, "status": {"conditions": conditions}})


RELEASE = FluxObject.read(
    {"metadata": {"name": "web", "namespace": "web"}, "status": {"helmChart": "flux-system/web-chart"}}
)
FROM_A_CHART = FluxObject.read(
    {
        "metadata": {"name": "web", "namespace": "web"},
        "spec": {"chartRef": {"kind": "HelmChart", "name": "web-chart", "namespace": "flux-system"}},
    }
)


@pytest.mark.parametrize(
    ("found", "sources", "complaint", "open_"),
    [
        (taking(HOME), {HOME: taking()}, "", ""),
        (taking(HOME), {HOME: taking(ready="False")}, "its source GitRepository flux-system/home: Ready is False", ""),
        (taking(HOME), {HOME: taking(suspend=True)}, "", "its source GitRepository flux-system/home: it is suspended"),
        (taking(HOME), {HOME: taking(ready="")}, "", "has not looked at it yet"),
        # A kind that is not read (ExternalArtifact), and one that is not there: the object itself says so.
        (taking(HOME), {}, "", ""),
        (RELEASE, {CHART: taking(SHOP), SHOP: taking(ready="False")}, "its source HelmRepository flux-system/shop", ""),
        (FROM_A_CHART, {CHART: taking(SHOP), SHOP: taking(suspend=True)}, "", "shop: it is suspended"),
        (FROM_A_CHART, {CHART: taking(ready="False")}, "its source HelmChart flux-system/web-chart", ""),
        # No controller looks at a registry's address.
        (RELEASE, {CHART: taking(SHOP), SHOP: taking(ready="", type="oci")}, "", ""),
        (taking(HOME), {HOME: taking(HOME)}, "", ""),
    ],
)
def test_what_flux_deploys_is_as_new_as_its_source(found, sources, complaint, open_):
    said = source_complaints(found, sources, FLUX_NOW)
    assert bool(said) is bool(complaint)
    assert complaint in "; ".join(said)
    if not said:
        assert open_ in why_source_is_open(found, sources)
        assert bool(open_) is bool(why_source_is_open(found, sources))


def windowed(*, phase="Succeeded", sync="OutOfSync", health="Healthy", project="infrastructure"):
    return Application.read(
        {
            "metadata": {"name": "grafana", "namespace": "argocd"},
            "spec": {"project": project, "destination": {"namespace": "monitoring"}},
            "status": {"sync": {"status": sync}, "health": {"status": health}, "operationState": {"phase": phase}},
        }
    )


@pytest.mark.parametrize(
    ("window", "applies"),
    [
        ({"applications": ["*"]}, True),
        ({"applications": ["graf*"]}, True),
        ({"namespaces": ["monitoring"]}, True),
        ({"clusters": ["in-cluster"]}, True),
        ({"applications": ["infisical"], "namespaces": ["infisical"]}, False),
        ({}, False),
    ],
)
def test_a_window_may_hold_a_sync_back(window, applies):
    window = {"kind": "deny", "schedule": "0 8 * * *", "duration": "10h", **window}
    project = AppProject.read(
        {"metadata": {"name": "infrastructure", "namespace": "argocd"}, "spec": {"syncWindows": [window]}}
    )
    assert ("deny '0 8 * * *'" in held_back(windowed(), [project])) is applies
    assert not held_back(windowed(phase="Failed"), [project])
    assert not held_back(windowed(health="Degraded"), [project])
    assert not held_back(windowed(sync="Synced"), [project])
    assert not held_back(windowed(project="other"), [project])
