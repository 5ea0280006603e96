"""Objects and logs of the cluster that look like trouble (runbook S1, S2, R4, R6, D8, D10)."""

from __future__ import annotations

import json
from datetime import timedelta

from lab import seeded
from lab.applications.secrets import restart
from lab.arrangements import put_object
from lab.authentik.audit_log import record_event
from lab.authentik.operations import Blueprint
from lab.cluster.state import timestamp
from lab.faults.workloads import ended, pods_of, rollout_state
from lab.variants import variant
from lab.world import World


def _log(world: World, pod: str, ago: timedelta, **fields: object) -> None:
    moment = world.cluster.now() - ago
    line = {"level": "warning", **fields, "timestamp": moment.isoformat()[:26]}
    world.cluster.log_at(moment, "authentik", pod, json.dumps(line))


@variant("grafana-secret-with-a-key-more", of=("grafana-look-alike-key",))
def grafana_secret_with_a_key_more(world: World) -> None:
    """Grafana's Secret holds another of its settings, written by hand."""
    secret = world.cluster.get("secrets", "grafana", "grafana-oidc")
    secret["data"]["GF_SMTP_USER"] = "Z3JhZmFuYQ=="
    entry = dict(secret["metadata"]["managedFields"][0])
    entry |= {"manager": "kubectl-edit", "fieldsV1": {"f:data": {"f:GF_SMTP_USER": {}}}}
    secret["metadata"]["managedFields"].append(entry)


@variant("grafana-restarted-after-its-secret", of=("grafana-not-restarted",))
def grafana_restarted_after_its_secret(world: World) -> None:
    """Grafana's Secret was written again ten days ago, before its pod was last made."""
    managers = world.cluster.get("secrets", "grafana", "grafana-oidc")["metadata"]["managedFields"]
    managers[0]["time"] = timestamp(world.cluster.now() - timedelta(days=10))


@variant("grafana-reads-one-key", of=("grafana-without-env-from",))
def grafana_reads_one_key(world: World) -> None:
    """Grafana's Deployment names the one key that it reads in place of the whole Secret."""
    container = seeded.container(world, "grafana", "grafana")
    container.pop("envFrom", None)
    key = "GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET"
    reference = {"secretKeyRef": {"name": "grafana-oidc", "key": key}}
    container.setdefault("env", []).append({"name": key, "valueFrom": reference})


@variant("argocd-restarted", of=("argocd-secret-unlabelled",))
def argocd_restarted(world: World) -> None:
    """ArgoCD's server process was made anew: it reads its Secret, and all goes on."""
    restart(world, "argocd")


@variant("external-secrets-refreshed-an-hour-ago", of=("external-secrets-stale",))
def external_secrets_refreshed_an_hour_ago(world: World) -> None:
    """Every ExternalSecret was refreshed one interval and a half ago: the next refresh is late, not lost."""
    for entry in world.cluster.list("externalsecrets"):
        entry["status"]["refreshTime"] = timestamp(world.cluster.now() - timedelta(minutes=90))


@variant("external-secret-of-somebody-else", of=("external-secret-error",))
def external_secret_of_somebody_else(world: World) -> None:
    """An ExternalSecret that the estate file does not name cannot be synced."""
    entry = json.loads(json.dumps(world.cluster.get("externalsecrets", "argocd", "argocd-oidc")))
    entry["metadata"] = {"name": "trial", "namespace": "whoami"}
    entry["status"]["conditions"][0] |= {"status": "False", "reason": "SecretSyncedError"}
    world.cluster.put(entry)


@variant("argocd-application-of-somebody-else", of=("argocd-degraded",))
def argocd_application_of_somebody_else(world: World) -> None:
    """An ArgoCD Application that the estate file does not name is Degraded."""
    entry = json.loads(json.dumps(world.cluster.get("applications", "argocd", "grafana")))
    entry["metadata"] = {"name": "trial", "namespace": "argocd"}
    entry["status"]["health"]["status"] = "Degraded"
    world.cluster.put(entry)


@variant("argocd-sync-of-this-minute", of=("argocd-sync-that-never-ends",))
def argocd_sync_of_this_minute(world: World) -> None:
    """An Application that is in order is being synced once more."""
    state = world.cluster.get("applications", "argocd", "traefik-extras")["status"]["operationState"]
    state |= {"phase": "Running", "startedAt": timestamp(world.cluster.now() - timedelta(minutes=1))}
    state.pop("finishedAt")


@variant("config-map-that-is-no-blueprint", of=("blueprint-not-mounted",))
def config_map_that_is_no_blueprint(world: World) -> None:
    """A ConfigMap beside the blueprints' is not labelled as one, and not mounted."""
    put_object(world, "v1", "ConfigMap", "dashboards", "authentik", data={"a.yaml": "version: 1"})


@variant("grafana-restarted-last-week", of=("grafana-restarted",))
def grafana_restarted_last_week(world: World) -> None:
    """Grafana's container ended with an error five days ago, and has run ever since."""
    (pod,) = pods_of(world, "grafana", "grafana")
    ended(world, pod, "Error", timedelta(days=5), code=1)


@variant("worker-out-of-memory-last-week", of=("worker-out-of-memory",))
def worker_out_of_memory_last_week(world: World) -> None:
    """The worker was killed for its memory six days ago, and has run ever since."""
    (pod,) = pods_of(world, "authentik", "authentik-worker")
    ended(world, pod, "OOMKilled", timedelta(days=6), code=137)


@variant("worker-rollout-resumed", of=("worker-rollout-paused",))
def worker_rollout_resumed(world: World) -> None:
    """The worker's rollout was paused for a night, and is resumed."""
    rollout_state(world, "Unknown", "DeploymentResumed", paused=False)


@variant("blueprint-switched-off", of=("blueprint-in-error",))
def blueprint_switched_off(world: World) -> None:
    """A blueprint in error that nobody declares was switched off."""
    at = world.clock.now() - timedelta(days=3)
    trial = Blueprint("Trial", "mounted/cm-trial/trial.yaml", at, status="error", enabled=False)
    world.authentik.operations.blueprints.append(trial)


@variant("schedule-failing-but-paused", of=("schedule-failing", "blueprints-paused"))
def schedule_failing_but_paused(world: World) -> None:
    """The last run of a schedule failed, and it is paused since."""
    schedule = seeded.schedule(world, "authentik.outposts.tasks.outpost_connection_discovery")
    schedule.status = "error"


@variant("mapping-exception-long-ago", of=("mapping-exception-last-week",))
def mapping_exception_long_ago(world: World) -> None:
    """A property mapping raised an exception three weeks ago, and was mended."""
    record_event(
        world,
        "property_mapping_exception",
        "authentik.core.expression.exceptions",
        context={"message": "name 'usr' is not defined"},
        at=world.clock.now() - timedelta(days=21),
    )


@variant("log-of-a-wrong-password", of=("log-client-secret-refused",))
def log_of_a_wrong_password(world: World) -> None:
    """Somebody mistyped a password five minutes ago, as somebody always does."""
    fields = {"event": "invalid_login", "logger": "authentik.flows.views.executor"}
    _log(world, world.cluster.server_pods[1], timedelta(minutes=5), **fields)


@variant("log-client-secret-refused-yesterday", of=("log-client-secret-refused",))
def log_client_secret_refused_yesterday(world: World) -> None:
    """A client secret was refused a day ago, while it was rotated; not since."""
    fields = {"event": "Invalid client secret", "logger": "authentik.providers.oauth2.views.token"}
    _log(world, world.cluster.server_pods[0], timedelta(days=1), **fields, client_id="grafana")


@variant("log-of-the-worker-warns", of=("log-blueprint-no-yaml",))
def log_of_the_worker_warns(world: World) -> None:
    """The worker warns of something that has nothing to do with logins."""
    fields = {"event": "Task took longer than expected", "logger": "authentik.root.middleware"}
    _log(world, world.cluster.worker_pods[0], timedelta(minutes=5), **fields)


@variant("log-of-the-gate-informs", of=("log-gate-cannot-redeem",))
def log_of_the_gate_informs(world: World) -> None:
    """The embedded outpost tells that it has loaded its providers, as it does after every change."""
    fields = {"level": "info", "event": "updated providers", "logger": "authentik.outpost.proxyv2"}
    _log(world, world.cluster.server_pods[0], timedelta(minutes=5), **fields)


@variant("clients-kept-with-one-replica", of=("outpost-replicas-keep-sessions-apart",))
def clients_kept_with_one_replica(world: World) -> None:
    """Authentik's Service leads each client to one replica, although sessions are in the database for all of them."""
    world.cluster.get("services", "authentik", "authentik-server")["spec"]["sessionAffinity"] = "ClientIP"
