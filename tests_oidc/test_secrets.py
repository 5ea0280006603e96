"""The client secrets that applications keep in the cluster (runbook D10, R4, R6)."""

from collections.abc import Mapping, Sequence

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.kept_secrets import KeptSecret
from fixtures.estate.oidc import OidcApplication
from fixtures.estate.places import restart
from fixtures.exchange.kubernetes import ConfigMap
from fixtures.exchange.labels import PART_OF
from fixtures.exchange.workloads import Pod, PodTemplate
from fixtures.model.outcomes import Root
from fixtures.model.remedy import Remedy, change, editing, read
from fixtures.model.signals import Blocked, NotApplicable, NotDescribed, NotVerified, Signal
from fixtures.topics.secrets.consumption import consumption_complaint, other_sources, readers, uses
from fixtures.topics.secrets.grafana import other_variables, variable_complaint
from fixtures.topics.secrets.held import Shown, wrong_secret_held
from fixtures.topics.secrets.rules import (
    SecretNames,
    argocd_complaint,
    at_its_source,
    client_secrets_in,
    kept_secret,
    readers_older_than,
    refuse_copy,
    refuse_incomplete,
    workload_of,
)
from fixtures.topics.workloads.expected import deployed, pods_of
from fixtures.topics.workloads.rules import Workloads


@check(
    "OIDC-SECRET-01",
    trouble="The Secret, or the key in it, is missing",
    claim="the Kubernetes Secret exists and has the key the application reads (names only, values never fetched)",
    runbook="R6 D10",
    blind="whether the value is the provider's (OIDC-TOKEN-03); a key that a second writer removed may still be listed",
    needs=("cluster",),
)
def test_secret_has_the_key(app: OidcApplication, app_secret: SecretNames) -> None:
    """A Secret with another key makes a login fail without any hint: the variable is simply empty."""
    kept = kept_secret(app)
    if kept.key not in app_secret.keys:
        refuse_incomplete(kept, app_secret)
    source = at_its_source(kept, app_secret.owner)
    assert kept.key in app_secret.keys, because(
        f"Secret {kept.name} has no key {kept.key}, which {app.name} reads; it has "
        f"{', '.join(app_secret.keys) or 'no key at all'}",
        remedy=Remedy(f"write it under that name: {source.sentence}", *source.steps),
    )


@check(
    "OIDC-SECRET-02",
    trouble="The Secret has look-alike keys",
    claim="it does not have the look-alike keys (`client_secret`, `clientSecret`)",
    runbook="D10",
    blind="other names that nobody thought of (forbidden in the estate file adds to the list)",
    needs=("cluster",),
)
def test_no_look_alike_keys(app: OidcApplication, app_secret: SecretNames, estate: Estate) -> None:
    """Somebody who sees `client_secret` there rotates that one, and the application keeps the old secret."""
    kept = kept_secret(app)
    name = kept.name
    # One Secret may keep those of several applications.
    read_by_some = {other.secret.key for other in estate.oidc if other.secret and other.secret.name == name}
    found = [key for key in kept.forbidden if key in app_secret.keys and key not in read_by_some]
    assert not found, because(
        f"Secret {name} has {', '.join(found)}, which {app.name} does not read (it reads {kept.key})",
        remedy=Remedy(
            "remove it where it is written: the ExternalSecret's spec.data, or the manifest of its manager",
            read(
                "kubectl -n {} get secret {} -o jsonpath='{{.metadata.managedFields[*].manager}}'",
                name.namespace,
                name.name,
            ),
        ),
    )
    refuse_incomplete(kept, app_secret)


@check(
    "OIDC-SECRET-03",
    trouble="The application does not use the declared Secret",
    claim="the workload consumes that Secret and key (envFrom, env, a mounted file, or ArgoCD's `$secret:key` with the "
    "part-of label)",
    runbook="R6",
    blind="that the process uses what it finds there: a setting in a file or database may come first, or a later "
    "envFrom with the same key",
    needs=("cluster",),
)
def test_application_consumes_the_secret(
    app: OidcApplication,
    app_secret: SecretNames,
    argocd_settings: ConfigMap | None,
    grafana_ini: str,
    workload_objects: Workloads,
    estate: Estate,
) -> None:
    """ArgoCD sends a reference that it cannot resolve as the secret itself, and says so nowhere."""
    kept = refuse_copy(app)
    secret, namespace = kept.name.name, kept.name.namespace
    if kept.consumer == "argocd":
        references = client_secrets_in(argocd_settings.data) if argocd_settings else ()
        trouble = argocd_complaint(references, secret, kept.key, app_secret.labels)
        assert not trouble, because(
            f"{app.name} does not take {kept.key} of Secret {kept.name}: {trouble}",
            remedy=_give(kept, references, app_secret.labels),
        )
        return
    if kept.consumer == "api":
        raise NotApplicable(f"{app.name} asks the Kubernetes API for Secret {kept.name}: its pods do not show that")
    where = workload_of(app)
    template = deployed(estate, where, workload_objects).spec.template
    keys = app_secret.keys if app_secret.complete else None
    trouble = consumption_complaint(template, secret, kept.key, keys)
    if where.namespace != namespace:
        trouble = f"a pod reads Secrets of its own namespace {where.namespace} only"
    if not trouble and app.kind == "grafana":
        trouble = variable_complaint(template, other_variables(template, secret, kept.key), grafana_ini)
    _refuse_elsewhere(app, kept, template, trouble)
    assert not trouble, because(
        f"{app.name} does not take {kept.key} of Secret {kept.name}: {trouble}",
        remedy=Remedy(
            f"correct how it takes Secret {secret} there ({kept.consumer})",
            *editing(where.namespace, where.kind, where.name),
        ),
    )


def _refuse_elsewhere(app: OidcApplication, kept: KeptSecret, template: PodTemplate, trouble: str) -> None:
    """Raise NotVerified where there is trouble, and something else than the declared Secret may bring a pod its client
    secret."""
    if trouble and (others := other_sources(template)):
        raise NotVerified(
            f"{app.name} does not take {kept.key} of Secret {kept.name} ({trouble}), but {others} may bring its client "
            "secret from elsewhere",
            f"if so, say secret = false for {app.name} in the estate file: it is in no Secret of this cluster then",
            need="cluster",
        )


def _give(kept: KeptSecret, references: Sequence[str], labels: Mapping[str, str]) -> Remedy:
    """What lets ArgoCD take the secret: only what lacks, the reference or the label."""
    namespace, name = kept.name.namespace, kept.name.name
    reference = f"write into oidc.config of argocd-cm: clientSecret: ${name}:{kept.key}"
    mislabelled = labels.get(PART_OF) != "argocd"
    label = [change("kubectl -n {} label --overwrite secret {} app.kubernetes.io/part-of=argocd", namespace, name)]
    if not argocd_complaint(references, name, kept.key, {PART_OF: "argocd"}):
        return Remedy(
            "ArgoCD reads Secrets with its label only",
            read("kubectl -n {} get secret {} --show-labels", namespace, name),
            *label,
        )
    return Remedy(reference, *editing(namespace, "configmap", "argocd-cm"), *(label if mislabelled else []))


@check(
    "OIDC-SECRET-04",
    trouble="The application still runs with an older Secret",
    claim="the running container is younger than the Secret's data (w; not for applications that reload, nor where "
    "that data is known not to be the provider's: what runs may hold the right one)",
    runbook="R4",
    blind="a secret that changed in Authentik only (OIDC-TOKEN-03); times that a writer left out of the metadata",
    requires=("OIDC-SECRET-01",),
    # It takes OIDC-TOKEN-03's answer where there is one.
    leaves="session",
    needs=("cluster", "secret"),
)
def test_container_read_the_newest_secret(
    app: OidcApplication,
    app_secret: SecretNames,
    workload_objects: Workloads,
    pod_objects: tuple[Pod, ...],
    shown_secret: Shown | Signal,
    estate: Estate,
) -> None:
    """A rotation ends with a restart: until then the process holds the old secret, and every login fails."""
    kept, where = refuse_copy(app), workload_of(app)
    if app.reloads:
        raise NotApplicable(f"{app.name} takes a changed secret without a restart")
    written, template = app_secret.written[kept.key], deployed(estate, where, workload_objects).spec.template
    pods = pods_of(estate, where, workload_objects, pod_objects)
    if written is None:
        raise NotVerified(
            f"the metadata of Secret {kept.name} does not say when {kept.key} was written",
            "write the Secret again with a tool that keeps managedFields (kubectl apply --server-side)",
            need="cluster",
        )
    found = readers(template, kept.name.name, kept.key)
    if kept.consumer == "api":
        # Whoever asks finds the new one.
        found = dict.fromkeys(found, True)
    if isinstance(shown_secret, Shown) and shown_secret.is_refused and readers_older_than(pods, list(found), written):
        # Started anew it would read what is wrong, while what runs may hold the right one.
        raise Blocked(Root("OIDC-TOKEN-03", app.name, None, *wrong_secret_held(app, shown_secret, estate)))
    unseen = "" if any(uses(template, kept.name.name, kept.key)) else "nothing in its pods does"
    _refuse_elsewhere(app, kept, template, unseen)
    anew = Remedy(f"start {where.name} anew: it takes up the Secret only then", restart(where))
    old = readers_older_than(pods, [each for each in found if app_secret.immutable or not found[each]], written)
    _refuse_vague(app, kept, app_secret, old)
    assert not old, because(
        f"{', '.join(old)} of {app.name} started before {kept.key} of Secret {kept.name} was written "
        f"({written:%Y-%m-%d %H:%M} UTC): it may hold the old secret",
        remedy=anew,
        severity="warning",
    )
    if files := readers_older_than(pods, list(found), written):
        _judge_files(app, files, anew)


def _refuse_vague(app: OidcApplication, kept: KeptSecret, names: SecretNames, old: list[str]) -> None:
    """Raise NotVerified where containers seem older than a key whose time moves whether its value does or not."""
    if old and kept.key in names.vague:
        raise NotVerified(
            f"{', '.join(old)} of {app.name} started before {kept.key} of Secret {kept.name} was last written together "
            "with other keys, or applied as stringData, which moves its time whether its value is another one or not",
            "keep it in a Secret of its own, applied as data; OIDC-LOGIN-01 tells what the process holds",
            need="cluster",
        )


def _judge_files(app: OidcApplication, containers: list[str], anew: str) -> None:
    """Files, and who asks for it, follow the Secret within minutes; whether it is read again is its reader's affair."""
    seen = f"{', '.join(containers)} of {app.name} started before its client secret was written"
    if not app.says("reloads"):
        raise NotDescribed(
            f"{seen}: what it would read now is the new one, but the estate file does not say whether it reads again",
            f"add to [[oidc]] {app.name}: reloads = true, or false where it reads at its start only",
            key="oidc.reloads",
            of=app.name,
        )
    assert app.reloads, because(
        f"{seen}, and it reads that at its start only: it may hold the old secret",
        remedy=anew,
        severity="warning",
    )
