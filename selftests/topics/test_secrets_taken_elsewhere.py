"""Client secrets that reach their application in other ways than by a Secret of its own: judged, or left open."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from fixtures.engine.checks import take_reason
from fixtures.estate.estate import Estate
from fixtures.exchange.workloads import Pod, Workload
from fixtures.model.secret import Secret
from fixtures.model.signals import NotApplicable, NotDescribed, NotVerified
from fixtures.topics.secrets.held import read_secret
from fixtures.topics.secrets.rules import SecretNames
from tests_oidc import test_secrets as checks

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
CSI = {"driver": "secrets-store.csi.k8s.io", "volumeAttributes": {"secretProviderClass": "oidc"}}
APP = {
    "name": "app", "slug": "app", "url": "https://app.example.org", "client_id": "app", "login_start": "/login",
    "redirect_uris": ["https://app.example.org/cb"], "workload": "apps/deployment/app",
}  # fmt: skip


def estate(**secret):
    url = "https://auth.example.org"
    table = APP | {"secret": {"name": "apps/oidc", "key": "client-secret", **secret}}
    return Estate.model_validate({"name": "e", "authentik": {"url": url, "public_url": url}, "oidc": [table]})


def deployment(volume):
    container = {"name": "app", "volumeMounts": [{"name": "v", "mountPath": "/etc/oidc"}]}
    spec = {"containers": [container], "volumes": [{"name": "v", **volume}]}
    selector = {"matchLabels": {"app": "app"}}
    content = {"metadata": {"name": "app"}, "spec": {"selector": selector, "template": {"spec": spec}}}
    return Workload.read(content, "Deployment")


def pod():
    status = {"containerStatuses": [{"name": "app", "state": {"running": {"startedAt": "2026-11-20T12:00:00Z"}}}]}
    metadata = {"name": "app-1", "namespace": "apps", "labels": {"app": "app"}}
    return Pod.read({"metadata": metadata, "spec": {"containers": []}, "status": status})


def names(*, immutable=False, **written):
    return SecretNames({}, {key.replace("_", "-"): at for key, at in written.items()}, immutable=immutable)


def consumed(volume, described):
    (app,) = described.oidc
    workloads = {app.workload: deployment(volume)}
    checks.test_application_consumes_the_secret(app, names(client_secret=NOW), None, "", workloads, described)


def test_a_driver_that_may_bring_it_leaves_open_whether_the_secret_is_taken():
    with pytest.raises(NotVerified, match="secrets-store"):
        consumed({"csi": CSI}, estate())
    with pytest.raises(AssertionError):
        consumed({"emptyDir": {}}, estate())
    consumed({"secret": {"secretName": "oidc"}}, estate())


def newest(volume, described, secret):
    (app,) = described.oidc
    workloads, unread = {app.workload: deployment(volume)}, NotVerified("not read", "…")
    checks.test_container_read_the_newest_secret(app, secret, workloads, (pod(),), unread, described)


def test_how_old_it_is_a_driver_does_not_tell():
    with pytest.raises(NotVerified, match="secrets-store"):
        newest({"csi": CSI}, estate(), names(client_secret=NOW))


def test_a_file_of_a_secret_that_cannot_change_is_as_old_as_its_pod():
    volume = {"secret": {"secretName": "oidc"}}
    with pytest.raises(NotDescribed, match="what it would read now is the new one"):
        newest(volume, estate(), names(client_secret=NOW))
    with pytest.raises(AssertionError):
        newest(volume, estate(), names(client_secret=NOW, immutable=True))
    assert "may hold the old secret" in take_reason().cause
    newest(volume, estate(), names(client_secret=NOW - timedelta(days=30), immutable=True))


@pytest.mark.parametrize(
    ("kind", "consumer", "sent"),
    [("grafana", "file", "s3cret"), ("grafana", "envFrom", "s3cret\n"), ("argocd", "argocd", "s3cret")],
)
def test_who_trims_what_it_reads_is_shown_as_it_sends_it(kind, consumer, sent):
    described = estate(consumer=consumer)
    app = described.oidc[0].model_copy(update={"kind": kind})
    door = SimpleNamespace(secret_value=lambda *_, **__: Secret("s3cret\n"))
    assert read_secret(door, app).reveal() == sent


def test_who_asks_the_api_for_its_secret_shows_nothing_in_its_pods():
    with pytest.raises(NotApplicable, match="asks the Kubernetes API"):
        consumed({"emptyDir": {}}, estate(consumer="api"))


@pytest.mark.parametrize(("reloads", "raised"), [(None, NotDescribed), (True, NotApplicable), (False, AssertionError)])
def test_who_asks_the_api_for_its_secret_may_ask_again(reloads, raised):
    described = estate(consumer="api")
    if reloads is not None:
        table = APP | {"secret": {"name": "apps/oidc", "key": "client-secret", "consumer": "api"}, "reloads": reloads}
        url = "https://auth.example.org"
        described = Estate.model_validate({"name": "e", "authentik": {"url": url, "public_url": url}, "oidc": [table]})
    (app,) = described.oidc
    workloads = {app.workload: deployment({"emptyDir": {}})}
    unread = NotVerified("not read", "read it")
    with pytest.raises(raised):
        checks.test_container_read_the_newest_secret(
            app, names(client_secret=NOW), workloads, (pod(),), unread, described
        )
