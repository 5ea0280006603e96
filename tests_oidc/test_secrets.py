"""The client secrets that applications keep in the cluster (runbook D10, R4, R6)."""

from fixtures.engine.checks import because, check
from fixtures.model.signals import NotVerified
from fixtures.topics.secrets.questions import refuse_incomplete
from fixtures.topics.secrets.rules import readers_older_than


@check(
    "OIDC-SECRET-01",
    claim="the Kubernetes Secret exists and has the key the application reads (names only, values never fetched)",
    runbook="R6 D10",
    blind="whether the value is the provider's (OIDC-TOKEN-03); a key that a second writer removed may still be listed",
)
def test_secret_has_the_key(app, app_secret, app_secret_key):
    """A Secret with another key makes a login fail without any hint: the variable is simply empty."""
    assert app_secret_key in app_secret.keys


@check(
    "OIDC-SECRET-02",
    claim="it does not have the look-alike keys (`client_secret`, `clientSecret`)",
    runbook="D10",
    blind="other names that nobody thought of (forbidden in the estate file adds to the list)",
)
def test_no_look_alike_keys(app, app_secret):
    """Somebody who sees `client_secret` there rotates that one, and the application keeps the old secret."""
    name = app.secret.name
    found = [key for key in app.secret.forbidden if key in app_secret.keys and key != app.secret.key]
    assert not found, because(
        f"Secret {name} has {', '.join(found)}, which {app.name} does not read (it reads {app.secret.key})",
        remedy=f"remove it where it is written (the ExternalSecret's spec.data, or the manifest), then: kubectl -n "
        f"{name.namespace} get secret {name.name} -o jsonpath='{{.metadata.managedFields}}'",
    )
    refuse_incomplete(app.secret, app_secret)


@check(
    "OIDC-SECRET-03",
    claim="the workload consumes that Secret and key (envFrom, env, or ArgoCD's `$secret:key` with the part-of label)",
    runbook="R6",
    blind="that the process uses what it finds there: a setting in a file or database may come first",
)
def test_application_consumes_the_secret(app, consumption_trouble):
    """ArgoCD sends a reference that it cannot resolve as the secret itself, and says so nowhere."""
    kept, namespace = app.secret, app.secret.name.namespace
    remedy = (
        f"kubectl -n {namespace} edit configmap argocd-cm: clientSecret: ${kept.name.name}:{kept.key}; "
        f"kubectl -n {namespace} label secret {kept.name.name} app.kubernetes.io/part-of=argocd"
        if kept.consumer == "argocd"
        else f"kubectl -n {namespace} get deployments,statefulsets -o yaml: give the container {kept.consumer} of "
        f"Secret {kept.name.name}"
    )
    assert not consumption_trouble, because(
        f"{app.name} does not take {kept.key} of Secret {kept.name}: {consumption_trouble}", remedy=remedy
    )


@check(
    "OIDC-SECRET-04",
    claim="the running container is younger than the Secret's data (w; an error where that data is not the provider's; "
    "not for applications that reload)",
    runbook="R4",
    blind="a secret that changed in Authentik only (OIDC-TOKEN-03); times that a writer left out of the metadata",
)
def test_container_read_the_newest_secret(app, app_secret, app_secret_key, secret_readers, secret_is_refused):
    """A rotation ends with a restart: until then the process holds the old secret, and every login fails."""
    kept, where = app.secret, app.workload
    written = app_secret.written[app_secret_key]
    if written is None:
        raise NotVerified(
            f"the metadata of Secret {kept.name} does not say when {app_secret_key} was written",
            "write the Secret again with a tool that keeps managedFields (kubectl apply --server-side)",
            need="cluster",
        )
    old = readers_older_than(secret_readers.pods, secret_readers.containers, written)
    assert not old, because(
        f"{', '.join(old)} of {app.name} started before {app_secret_key} of Secret {kept.name} was written "
        f"({written:%Y-%m-%d %H:%M} UTC): it may hold the old secret",
        remedy=f"kubectl -n {where.namespace} rollout restart {where.kind}/{where.name}",
        severity="error" if secret_is_refused else "warning",
    )
