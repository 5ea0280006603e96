"""Judging ExternalSecrets: readiness, age by policy, produced keys, targets and stores."""

from datetime import UTC, datetime, timedelta

import pytest

from fixtures.exchange.external_secrets import ExternalSecret, ExternalSecretSpec, SecretStore
from fixtures.topics.secrets.external_secret_rules import (
    admission_complaint,
    readiness_complaint,
    staleness_complaint,
    store_complaint,
    target_complaint,
    why_not_forced,
)
from fixtures.topics.secrets.external_secret_rules import produced_keys as produced_by

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def synced(status="True", reason="SecretSynced", message="secret synced", ago=timedelta(minutes=5), **spec):
    ready = {"type": "Ready", "status": status, "reason": reason, "message": message}
    refreshed = (NOW - ago).isoformat() if ago is not None else None
    return ExternalSecret.read(
        {
            "metadata": {"name": "grafana-oidc"},
            "spec": {"refreshInterval": "5m", **spec},
            "status": {"conditions": [{"type": "Deleted", "status": "False"}, ready], "refreshTime": refreshed},
        }
    )


def test_a_synced_one_is_in_order():
    assert readiness_complaint(synced()) == ""
    assert readiness_complaint(synced(reason="ResourceSynced", message="resource synced")) == ""
    assert readiness_complaint(synced(reason="", message="")) == ""
    assert staleness_complaint(synced(), NOW, 2) == ""


@pytest.mark.parametrize(
    ("obj", "says"),
    [
        (synced("False", "SecretSyncedError", "could not get secret data from provider"), "could not get secret data"),
        (synced("False", "SecretMissing", ""), "not there"),
        (synced("True", "SecretDeleted", ""), "SecretDeleted"),
        (synced("True", "ResourceDeleted", ""), "ResourceDeleted"),
        (synced("False", "ResourceSyncedError", "forbidden"), "forbidden"),
        (synced("Unknown", "SecretSynced", ""), "Ready is Unknown"),
        (synced(message="secret retained due to DeletionPolicy=Retain"), "only the old Secret is kept"),
        (ExternalSecret.read({"metadata": {"name": "x"}, "spec": {}}), "never looked at it"),
    ],
)
def test_one_that_is_not_ready(obj, says):
    assert says in readiness_complaint(obj)


@pytest.mark.parametrize(
    ("obj", "stale"),
    [
        (synced(ago=timedelta(minutes=9)), False),
        (synced(ago=timedelta(minutes=11)), True),
        (synced(ago=None), True),
        (synced(ago=timedelta(days=9), refreshInterval="0"), False),
        (synced(ago=timedelta(days=9), refreshInterval="0s"), False),
        (synced(ago=timedelta(days=9), refreshPolicy="CreatedOnce"), False),
        (synced(ago=timedelta(days=9), refreshPolicy="OnChange"), False),
        (synced(ago=timedelta(days=9), refreshPolicy="Periodic"), True),
        (synced(ago=timedelta(hours=3), refreshInterval="1h0m0s"), True),
        (synced(ago=timedelta(minutes=90), refreshInterval="1h0m0s"), False),
    ],
)
def test_age_is_judged_by_the_policy(obj, stale):
    assert bool(staleness_complaint(obj, NOW, 2)) is stale


@pytest.mark.parametrize(
    ("obj", "says"),
    [
        (synced(), ""),
        (synced(refreshPolicy="OnChange", refreshInterval="0"), ""),
        (synced(refreshPolicy="CreatedOnce"), "CreatedOnce"),
        (synced(refreshInterval="0"), "refreshInterval is 0"),
    ],
)
def test_what_a_change_of_its_metadata_refreshes(obj, says):
    assert says in why_not_forced(obj)
    assert bool(why_not_forced(obj)) is bool(says)


def produced_keys(spec):
    return produced_by(ExternalSecretSpec.model_validate(spec))


DATA = [{"secretKey": "KEY", "remoteRef": {"key": "UPSTREAM"}}]


@pytest.mark.parametrize(
    ("spec", "keys", "open_ended"),
    [
        ({"data": DATA}, {"KEY"}, False),
        ({"data": DATA, "target": {"template": {"metadata": {"labels": {}}}}}, {"KEY"}, False),
        ({"data": DATA, "target": {"template": {"data": {"OTHER": "{{ .KEY }}"}}}}, {"OTHER"}, False),
        (
            {"data": DATA, "target": {"template": {"mergePolicy": "Merge", "data": {"OTHER": ""}}}},
            {"KEY", "OTHER"},
            False,
        ),
        ({"data": DATA, "target": {"template": {"templateFrom": [{"literal": "x"}]}}}, set(), True),
        ({"dataFrom": [{"extract": {"key": "all"}}]}, set(), True),
        ({"data": DATA, "dataFrom": [{"find": {}}]}, {"KEY"}, True),
        ({"dataFrom": [{"find": {}}], "target": {"template": {"data": {"KEY": ""}}}}, {"KEY"}, False),
        ({"data": DATA, "target": {"creationPolicy": "Merge"}}, {"KEY"}, True),
        ({"data": DATA, "target": {"creationPolicy": "CreateOrMerge"}}, {"KEY"}, True),
        ({"data": DATA, "target": {"creationPolicy": "Orphan"}}, {"KEY"}, False),
        ({}, set(), False),
    ],
)
def test_which_keys_are_written(spec, keys, open_ended):
    produced = produced_keys(spec)
    assert produced.keys == keys
    assert produced.open_ended is open_ended


OWN = {"storeRef": {"name": "own"}}
WIDE = {"storeRef": {"name": "wide", "kind": "ClusterSecretStore"}}
GENERATED = {"generatorRef": {"kind": "Password", "name": "p"}}


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        ({"secretStoreRef": {"name": "s"}, "data": DATA}, ["s"]),
        ({"secretStoreRef": {"name": "s"}, "data": [*DATA, DATA[0] | {"sourceRef": WIDE}]}, ["s", "wide"]),
        ({"data": [DATA[0] | {"sourceRef": OWN}], "dataFrom": [{"find": {}, "sourceRef": OWN}]}, ["own"]),
        ({"dataFrom": [{"sourceRef": GENERATED}, {"extract": {"key": "k"}, "sourceRef": WIDE}]}, ["wide"]),
        ({"dataFrom": [{"sourceRef": GENERATED, "rewrite": [{"transform": {}}]}]}, []),
        ({"secretStoreRef": None, "data": [DATA[0] | {"sourceRef": None}]}, []),
    ],
)
def test_every_store_that_is_named_counts(spec, names):
    assert [store.name for store in ExternalSecretSpec.model_validate(spec).stores] == names


def test_lacking_keys_are_named():
    assert produced_keys({"data": DATA}).lacking(("KEY", "client_secret")) == ["client_secret"]


def test_the_target_is_named_by_default_after_the_external_secret():
    assert target_complaint(synced(), "grafana-oidc") == ""
    assert target_complaint(synced(target={"name": "grafana-oidc"}), "grafana-oidc") == ""
    assert "'other'" in target_complaint(synced(target={"name": "other"}), "grafana-oidc")
    assert "makes no Secret" in target_complaint(synced(target={"creationPolicy": "None"}), "grafana-oidc")


def test_a_manifest_makes_what_it_says():
    manifest = {"apiVersion": "v1", "kind": "ConfigMap"}
    assert "a ConfigMap, no Secret" in target_complaint(synced(target={"manifest": manifest}), "grafana-oidc")
    assert target_complaint(synced(target={"manifest": manifest | {"kind": "Secret"}}), "grafana-oidc") == ""


def store(*conditions):
    return SecretStore.read({"metadata": {"name": "s"}, "status": {"conditions": list(conditions)}})


def test_stores():
    ready = {"type": "Ready", "status": "True", "reason": "Valid"}
    assert store_complaint(store(ready)) == ""
    invalid = ready | {"status": "False", "reason": "InvalidProviderConfig", "message": "401"}
    assert "InvalidProviderConfig" in store_complaint(store(invalid))
    assert "never validated" in store_complaint(store())


BY_NAME = {"matchLabels": {"kubernetes.io/metadata.name": "grafana"}}
BY_TEAM = {"matchExpressions": [{"key": "team", "operator": "In", "values": ["a"]}]}


@pytest.mark.parametrize(
    ("conditions", "admits"),
    [
        ([], True),
        ([{}], False),
        ([{"namespaces": ["argocd", "grafana"]}], True),
        ([{"namespaces": ["argocd"]}, {"namespaceRegexes": ["^graf"]}], True),  # one of them is enough
        ([{"namespaces": ["argocd"], "namespaceRegexes": ["afan"]}], True),  # and found anywhere
        ([{"namespaces": ["graf"]}, {"namespaceRegexes": ["^afan", "("]}], False),
        ([{"namespaceSelector": BY_NAME}], True),
        ([{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "argocd"}}}], False),
        ([{"namespaceSelector": BY_TEAM}], True),  # the labels of namespaces are not read
        ([{"namespaceSelector": {}}], True),
    ],
)
def test_whom_a_store_is_for(conditions, admits):
    """As external-secrets' shouldProcessSecret decides."""
    found = SecretStore.read({"metadata": {"name": "s"}, "spec": {"conditions": conditions}})
    assert (admission_complaint(found, "grafana") == "") is admits
    local = SecretStore.read({"metadata": {"name": "s", "namespace": "grafana"}, "spec": {"conditions": conditions}})
    assert admission_complaint(local, "grafana") == ""


@pytest.mark.parametrize(
    ("seen", "spec", "stale"),
    [
        ("3-8d2f61c0", {}, False),
        ("2-8d2f61c0", {}, True),
        ("2-8d2f61c0", {"refreshPolicy": "OnChange"}, True),
        ("3-8d2f61c0", {"refreshPolicy": "OnChange"}, False),
        # These are not followed, on purpose.
        ("2-8d2f61c0", {"refreshPolicy": "CreatedOnce"}, False),
        ("2-8d2f61c0", {"refreshInterval": "0s"}, False),
        # Nothing that tells a generation.
        ("", {}, False),
        ("8d2f61c0", {}, False),
    ],
)
def test_one_that_was_changed_since_it_was_synced(seen, spec, stale):
    found = synced(**spec).model_dump(by_alias=True)
    found["metadata"]["generation"] = 3
    found["status"] |= {"syncedResourceVersion": seen, "refreshTime": (NOW - timedelta(minutes=1)).isoformat()}
    said = staleness_complaint(ExternalSecret.model_validate(found), NOW, 2)
    assert ("newest form" in said) is stale
    assert bool(said) is stale


def test_one_that_is_being_deleted_takes_its_secret_with_it():
    found = synced().model_dump(by_alias=True)
    found["metadata"]["deletionTimestamp"] = NOW.isoformat()
    found["status"]["refreshTime"] = None
    assert "being deleted" in readiness_complaint(ExternalSecret.model_validate(found))
