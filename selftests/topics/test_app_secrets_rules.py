"""Judging applications' Secrets: names from metadata, ArgoCD's references, environments, ages."""

from datetime import UTC, datetime

import pytest

from fixtures.estate.kept_secrets import KeptSecret
from fixtures.exchange.external_secrets import ManagedMetadata, SecretMetadata
from fixtures.exchange.workloads import Pod, PodTemplate
from fixtures.topics.secrets.consumption import consumption_complaint, readers, uses
from fixtures.topics.secrets.held import is_file
from fixtures.topics.secrets.rules import (
    argocd_complaint,
    at_its_source,
    client_secrets_in,
    readers_older_than,
)
from fixtures.topics.secrets.rules import secret_names as names_in

KEY = "GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET"
PART_OF = {"app.kubernetes.io/part-of": "argocd"}


@pytest.mark.parametrize(
    ("owners", "external", "says", "types"),
    [
        ([], False, "or by hand", "edit secret grafana-oidc"),
        ([], True, "in the ExternalSecret", "edit externalsecret/grafana-oidc"),
        ([("external-secrets.io/v1", "ExternalSecret", "sso")], False, "in the ExternalSecret",
         "edit externalsecret.external-secrets.io/sso"),
        ([("bitnami.com/v1alpha1", "SealedSecret", "grafana-oidc")], False, "never by hand",
         "get sealedsecret.bitnami.com/grafana-oidc -o yaml"),
        ([("secrets.hashicorp.com/v1beta1", "VaultStaticSecret", "v")], False, "never by hand",
         "get vaultstaticsecret.secrets.hashicorp.com/v -o yaml"),
    ],
)  # fmt: skip
def test_a_secret_is_changed_in_what_makes_it(owners, external, says, types):
    """Whoever edits a SealedSecret's Secret takes it from its controller (bitnami/sealed-secrets, issue 770)."""
    listed = [{"apiVersion": version, "kind": kind, "name": name} for version, kind, name in owners]
    fields = {"f:data": {"f:KEY": {}}}
    metadata = {"name": "grafana-oidc", "ownerReferences": listed, "managedFields": [{"fieldsV1": fields}]}
    names = names_in(ManagedMetadata.model_validate(metadata))
    kept = KeptSecret(name="grafana/grafana-oidc", key="KEY", external_secret=external)
    told = at_its_source(kept, names.owner)
    assert says in told
    assert types in told
    assert ("this changes something" in told) is (says != "never by hand")


def secret_names(metadata):
    """The names by the metadata of a Secret as the API gives it."""
    return names_in(SecretMetadata.read({"metadata": {"name": "s", **metadata}}).metadata)


def manager(time, **keys):
    return {"manager": "m", "time": time, "fieldsV1": {"f:data": {".": {}} | {f"f:{key}": {} for key in keys}}}


def test_names_and_times_are_united_over_all_managers():
    metadata = {
        "labels": PART_OF,
        "managedFields": [
            manager("2026-11-01T08:00:00Z", a=1, b=1),
            manager("2026-11-02T08:00:00Z", b=1),
            {"manager": "kubectl-label", "time": "2026-11-09T08:00:00Z", "fieldsV1": {"f:metadata": {}}},
        ],
    }
    names = secret_names(metadata)
    assert names.keys == ("a", "b")
    assert names.written["a"] == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert names.written["b"] == datetime(2026, 11, 2, 8, tzinfo=UTC)
    assert names.labels == PART_OF


@pytest.mark.parametrize("metadata", [{}, {"managedFields": []}, {"managedFields": [{}]}, {"managedFields": None}])
def test_stripped_metadata_tells_nothing(metadata):
    assert secret_names(metadata) is None


def test_string_data_applied_on_the_servers_side_names_what_it_still_has():
    applied = {
        "manager": "argocd-controller",
        "time": "2026-11-01T08:00:00Z",
        "fieldsV1": {"f:stringData": {"f:a": {}}},
    }
    names = secret_names({"managedFields": [applied, manager("2026-11-02T08:00:00Z", b=1)]})
    assert names.keys == ("a", "b")
    assert names.written["a"] == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert not names.complete
    # Seen: the same stringData, applied again, moves the time.
    assert names.vague == {"a"}
    assert secret_names({"managedFields": [manager("2026-11-02T08:00:00Z", b=1)]}).complete


@pytest.mark.parametrize(
    ("managers", "vague"),
    [
        ([manager("2026-11-02T08:00:00Z", a=1)], set()),
        # One writer's keys have one time: which of them changed, nobody can tell.
        ([manager("2026-11-02T08:00:00Z", a=1, b=1)], {"a", "b"}),
        ([manager("2026-11-02T08:00:00Z", a=1, b=1), manager("2026-11-03T08:00:00Z", a=1)], {"b"}),
        ([manager("2026-11-03T08:00:00Z", a=1), manager("2026-11-02T08:00:00Z", a=1, b=1)], {"b"}),
        ([manager("2026-11-03T08:00:00Z", a=1), manager("2026-11-04T08:00:00Z", a=1, b=1)], {"a", "b"}),
    ],
)
def test_a_time_that_several_keys_share_tells_of_none(managers, vague):
    assert secret_names({"managedFields": managers}).vague == vague


def test_a_secret_that_cannot_change_is_told_by_its_fields():
    assert not secret_names({"managedFields": [manager("2026-11-02T08:00:00Z", a=1)]}).immutable
    fixed = {"manager": "m", "fieldsV1": {"f:data": {"f:a": {}}, "f:immutable": {}}}
    assert secret_names({"managedFields": [fixed]}).immutable


def test_a_secret_without_data_has_no_keys():
    names = secret_names({"managedFields": [{"manager": "m", "fieldsV1": {"f:type": {}}}]})
    assert names is not None
    assert names.keys == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name: Authentik\nclientSecret: $argocd-oidc:oidc.key\n", ("$argocd-oidc:oidc.key",)),
        ('clientSecret: "$argocd-oidc:oidc.key"  # managed\n', ("$argocd-oidc:oidc.key",)),
        ("  config:\n    clientSecret: $oidc.key", ("$oidc.key",)),
        ("clientSecret: a-real-secret", ("",)),
        ("clientID: argocd", ()),
        ('{"name": "Authentik", "clientSecret": "$argocd-oidc:oidc.key"}', ("$argocd-oidc:oidc.key",)),
        ("connectors: [{config: {clientSecret: $oidc.key}}]", ("$oidc.key",)),
        ("clientSecret: >-\n  $argocd-oidc:oidc.key\n", ("$argocd-oidc:oidc.key",)),
        ("clientSecret: &a [*a]", ()),
        ("clientSecret: $oidc.key\n\tbroken: [", ("$oidc.key",)),
        ("clientSecret: !binary 8", ("",)),
    ],
)
def test_references_are_kept_and_values_never(text, found):
    assert client_secrets_in({"oidc.config": text}) == found


def test_what_argocd_does_not_ask_is_no_reference():
    own, dex = "clientSecret: $own:key", "connectors: [{config: {clientSecret: $dex:key}}]"
    assert client_secrets_in({"oidc.config": own, "dex.config": dex}) == ("$own:key",)
    assert client_secrets_in({"oidc.config": " \n", "dex.config": dex}) == ("$dex:key",)
    assert client_secrets_in({"dex.config": dex, "url": "https://argocd.example.org"}) == ("$dex:key",)
    assert client_secrets_in({"oidc.config": "name: Authentik\nissuer: https://a/", "dex.config": dex}) == ()


def test_argocd_takes_its_secret_by_reference_and_label():
    reference = ("$argocd-oidc:oidc.key",)
    assert argocd_complaint(reference, "argocd-oidc", "oidc.key", PART_OF) == ""
    # Its own Secret it gets by name, with a label or without; what is named by Secret and key is of those with one.
    assert argocd_complaint(("$oidc.key",), "argocd-secret", "oidc.key", {}) == ""
    assert "part-of" in argocd_complaint(("$argocd-secret:oidc.key",), "argocd-secret", "oidc.key", {})
    assert "reads $oidc.key" in argocd_complaint(("$oidc.key",), "argocd-oidc", "oidc.key", PART_OF)
    assert "part-of" in argocd_complaint(reference, "argocd-oidc", "oidc.key", {})
    assert "reads $argocd-oidc:oidc.key" in argocd_complaint(reference, "argocd-oidc", "other", PART_OF)
    assert "holds the secret itself" in argocd_complaint(("",), "argocd-oidc", "oidc.key", PART_OF)
    assert "no clientSecret" in argocd_complaint((), "argocd-oidc", "oidc.key", PART_OF)


def template(*, env=(), env_from=()):
    container = {"name": "grafana", "env": list(env), "envFrom": list(env_from)}
    return PodTemplate.model_validate({"spec": {"containers": [container, {"name": "sidecar"}]}})


def from_key(name, secret, key):
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


ALL = {"secretRef": {"name": "grafana-oidc"}}


def test_either_way_into_the_environment_will_do():
    assert consumption_complaint(template(env_from=[ALL]), "grafana-oidc", KEY) == ""
    assert consumption_complaint(template(env=[from_key(KEY, "grafana-oidc", KEY)]), "grafana-oidc", KEY) == ""
    (use,) = uses(template(env_from=[ALL | {"prefix": "X_"}]), "grafana-oidc", KEY)
    assert (use.container, use.place, use.kind) == ("grafana", f"X_{KEY}", "envFrom")


def test_readers_are_those_that_take_the_key_or_all_of_them():
    assert readers(template(env_from=[ALL]), "grafana-oidc", KEY) == {"grafana": False}
    assert readers(template(), "grafana-oidc", KEY) == {"grafana": False, "sidecar": False}


@pytest.mark.parametrize(
    ("pod", "says"),
    [
        (template(), "no Secret by envFrom"),
        (template(env_from=[{"secretRef": {"name": "other"}}]), "other (envFrom)"),
        (template(env_from=[{"configMapRef": {"name": "grafana-oidc"}}]), "no container takes it"),
        (template(env=[from_key(KEY, "grafana-oidc", "client_secret")]), "no container takes it"),
        (template(env=[{"name": KEY, "value": ""}], env_from=[ALL]), "takes its place"),
    ],
)
def test_what_does_not_reach_the_process(pod, says):
    assert says in consumption_complaint(pod, "grafana-oidc", KEY)


def pod(started, name="grafana"):
    return pod_with({"running": {"startedAt": started}}, name)


def pod_with(state, name="grafana"):
    status = {"containerStatuses": [{"name": name, "state": state}]}
    return Pod.read({"metadata": {"name": "p"}, "spec": {"containers": []}, "status": status})


def test_a_container_is_as_old_as_its_start():
    written = datetime(2026, 11, 10, tzinfo=UTC)
    assert readers_older_than([pod("2026-11-09T00:00:00Z")], ["grafana"], written) == ["p/grafana"]
    assert readers_older_than([pod("2026-11-11T00:00:00Z")], ["grafana"], written) == []
    assert readers_older_than([pod("2026-11-09T00:00:00Z", "sidecar")], ["grafana"], written) == []
    assert readers_older_than([pod_with({"waiting": {}})], ["grafana"], written) == []


@pytest.mark.parametrize(
    ("text", "so"),
    [
        ("[auth.generic_oauth]\nclient_secret = x\n", True),
        ('{"client_secret": "x"}', True),
        ("a-secret-with-a-newline-at-its-end\n", False),
        ("{%41+/=: '\"$\\ü", False),
        ("", False),
    ],
)
def test_a_file_of_settings_is_no_secret(text, so):
    assert is_file(text) is so
