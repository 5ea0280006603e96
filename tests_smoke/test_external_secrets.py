"""Where the applications' client secrets come from (runbook R4, R5, R6)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.names import NamespacedName
from fixtures.estate.places import forced_sync, patching
from fixtures.exchange.external_secrets import ExternalSecret
from fixtures.model.remedy import Command, Remedy, change, editing, read
from fixtures.model.signals import NotApplicable, NotVerified, Signal
from fixtures.topics.secrets.external_secret_rules import (
    Stores,
    admission_complaint,
    produced_keys,
    readiness_complaint,
    staleness_complaint,
    store_complaint,
    target_complaint,
)
from fixtures.topics.secrets.external_secrets import OPERATOR_PODS, ExpectedExternalSecret, absence, existing
from fixtures.topics.secrets.rules import SecretNames

ExternalSecrets = Mapping[NamespacedName, ExternalSecret]


@check(
    "SMOKE-ESO-01",
    trouble="An ExternalSecret is not synced",
    claim="each declared ExternalSecret is Ready and was refreshed within twice its interval (policy aware)",
    runbook="R4 R5",
    blind="that the value is the one Authentik has (OIDC-TOKEN-03): what is synced may be wrong upstream",
    needs=("cluster",),
)
def test_external_secret_is_synced(
    external_secret: ExpectedExternalSecret, external_secret_objects: ExternalSecrets, estate: Estate
) -> None:
    """Ready stays True when the operator is gone, and a rotated secret then never arrives."""
    name, factor = external_secret.declared.name, estate.bounds.eso_interval_factor
    absent, look = absence(name)
    assert name in external_secret_objects, because(absent, remedy=look)
    found = external_secret_objects[name]
    remedy = Remedy(
        "its events show what the store answers; the operator must be running",
        read("kubectl -n {} describe externalsecret {}", name.namespace, name.name),
        OPERATOR_PODS,
    )
    complaint = readiness_complaint(found)
    assert not complaint, because(f"ExternalSecret {name}: {complaint}", remedy=remedy)
    stale = staleness_complaint(found, datetime.now(UTC), factor)
    if stale and found.spec.sync_windows:
        raise NotVerified(
            f"{stale}; its syncWindows may say so",
            Remedy("check whether its syncWindows allow a sync now", *remedy.steps),
            need="cluster",
        )
    assert not stale, because(
        f"ExternalSecret {name} says Ready, but {stale}",
        remedy=Remedy(
            f"{remedy.sentence}; a sync can be forced",
            *remedy.steps,
            forced_sync(name),
        ),
    )


@check(
    "SMOKE-ESO-02",
    trouble="The store behind an ExternalSecret is not valid",
    claim="its store is valid, and is for its namespace",
    runbook="R4",
    blind="that every key exists in the store; the store's own credentials may expire between two validations; whether "
    "the namespace has the labels that a condition of the store asks for",
    needs=("cluster",),
)
def test_store_is_valid(
    external_secret: ExpectedExternalSecret,
    external_secret_objects: ExternalSecrets,
    secret_stores: Stores,
) -> None:
    """A store whose credentials expired stops every rotation at once, while all Secrets still look right."""
    wanted = external_secret.declared
    stores = existing(external_secret, external_secret_objects).spec.stores
    if not stores and wanted.store is None:
        raise NotApplicable(f"ExternalSecret {wanted.name} names no store: it reads from generators")
    for reference in stores:
        kind, store, shown = reference.kind, reference.name, _stores(reference.kind, wanted.name.namespace)
        found = secret_stores.meant(reference, wanted.name.namespace)
        assert found is not None, because(
            f"ExternalSecret {wanted.name} reads from {kind} {store!r}, which does not exist",
            remedy=Remedy("correct secretStoreRef, or create that store", shown),
        )
        complaint = store_complaint(found)
        assert not complaint, because(
            f"store {store!r} of ExternalSecret {wanted.name}: {complaint}",
            remedy=Remedy("renew the store's credentials: its status shows what is wrong with them", shown),
        )
        refused = admission_complaint(found, wanted.name.namespace)
        assert not refused, because(
            f"store {store!r} of ExternalSecret {wanted.name}: {refused}",
            remedy=_admit(wanted.name.namespace, store),
        )
    names = [reference.name for reference in stores]
    assert wanted.store is None or wanted.store in names, because(
        f"ExternalSecret {wanted.name} reads from {_named(names)}, the estate file says {wanted.store!r}",
        remedy=_read_from(wanted.store, wanted.name) if names else _read_again(wanted.name),
    )


def _admit(namespace: str, store: str) -> Remedy:
    return Remedy(
        f"add {namespace} to the namespaces of its spec.conditions, or read from another store",
        read("kubectl get clustersecretstore {} -o 'jsonpath={{.spec.conditions}}'", store),
        change("kubectl edit clustersecretstore {}", store),
    )


def _read_from(store: str | None, name: NamespacedName) -> Remedy:
    return Remedy(
        "correct spec.secretStoreRef, or store in the estate file",
        read("kubectl -n {} get externalsecret {} -o yaml", name.namespace, name.name),
        patching(name.namespace, "externalsecret", name.name, {"spec": {"secretStoreRef": {"name": store}}}),
    )


def _read_again(name: NamespacedName) -> Remedy:
    """Which key of the store it was, nothing tells any more."""
    return Remedy(
        "write spec.secretStoreRef and spec.data (which key of the store) in the place of the generator, or take store "
        "out of the estate file",
        *editing(name.namespace, "externalsecret", name.name),
    )


@check(
    "SMOKE-ESO-03",
    trouble="An ExternalSecret does not write the key that is read",
    claim="its target and keys produce the key that the application reads",
    runbook="R4 R6",
    blind="that the value behind the key is right, and that the operator has written it (OIDC-SECRET-01)",
    optional=("written_secret",),
    needs=("cluster",),
)
def test_produces_the_key(
    external_secret: ExpectedExternalSecret,
    external_secret_objects: ExternalSecrets,
    written_secret: SecretNames | Signal,
) -> None:
    """A key by another name makes a healthy Secret that the application never looks into."""
    wanted, found = external_secret.declared, existing(external_secret, external_secret_objects)
    remedy = Remedy(
        "correct spec.target and spec.data[].secretKey",
        read("kubectl -n {} get externalsecret {} -o yaml", wanted.name.namespace, wanted.name.name),
        change("kubectl -n {} edit externalsecret {}", wanted.name.namespace, wanted.name.name),
    )
    other = found.spec.target.other_kind
    if other and not wanted.keys and wanted.target is None:
        raise NotApplicable(
            f"ExternalSecret {wanted.name} makes a {other}, and the estate file asks for no Secret of it"
        )
    complaint = target_complaint(found, wanted.target_ref.name)
    assert not complaint, because(f"ExternalSecret {wanted.name}: {complaint}", remedy=remedy)
    produced = produced_keys(found.spec)
    lacking = produced.lacking(wanted.keys)
    if lacking and produced.open_ended:
        # What its text leaves open, the Secret tells.
        if isinstance(written_secret, SecretNames) and set(lacking) <= set(written_secret.keys):
            return
        raise NotVerified(
            f"ExternalSecret {wanted.name} takes keys that its text does not name (dataFrom or templateFrom), or adds "
            f"to a Secret that somebody else makes; whether {', '.join(lacking)} is among them is not known",
            Remedy("name it in spec.data or spec.target.template.data", *remedy.steps),
            need="cluster",
        )
    assert not lacking, because(
        f"ExternalSecret {wanted.name} writes {', '.join(sorted(produced.keys)) or 'no key'}, but the application "
        f"reads {', '.join(lacking)}",
        remedy=remedy,
    )


def _named(stores: Sequence[str]) -> str:
    return f"store {', '.join(map(repr, stores))}" if stores else "generators alone"


def _stores(kind: str, namespace: str) -> Command:
    if kind == "SecretStore":
        return read("kubectl -n {} describe secretstores", namespace)
    return read("kubectl describe clustersecretstores")
