"""Faults of the client secrets that applications keep in the cluster (runbook D10, R4, R6)."""

from __future__ import annotations

import base64

from lab import seeded
from lab.arrangements import (
    give_grafana_secret_by_variable,
    mount_grafana_secret,
    secret_files,
    write_grafana_secret_anew,
)
from lab.cluster.seed.secret_objects import GRAFANA_KEY
from lab.faults import fault
from lab.world import World


@fault(
    "grafana-secret-missing", known_from="runbook D10", turns_red=("OIDC-SECRET-01[grafana]",), blocks=("[grafana]",)
)
def grafana_secret_missing(world: World) -> None:
    """Grafana's Secret was deleted; the running pod still has the value, the next one will not."""
    world.cluster.delete("secrets", "grafana", "grafana-oidc")


@fault("grafana-look-alike-key", known_from="runbook D10", turns_red=("OIDC-SECRET-02[grafana]",))
def grafana_look_alike_key(world: World) -> None:
    """Beside the right key there is a clientSecret in Grafana's Secret, written by hand; nobody reads it."""
    secret = world.cluster.get("secrets", "grafana", "grafana-oidc")
    secret["data"]["clientSecret"] = "bm9ib2R5IHJlYWRzIGl0"
    entry = dict(secret["metadata"]["managedFields"][0])
    entry |= {"manager": "kubectl-edit", "fieldsV1": {"f:data": {"f:clientSecret": {}}}}
    secret["metadata"]["managedFields"].append(entry)


@fault("grafana-without-env-from", known_from="runbook R6", turns_red=("OIDC-SECRET-03[grafana]",))
def grafana_without_env_from(world: World) -> None:
    """A new chart value took envFromSecret away: Grafana's next pod starts without a client secret."""
    del seeded.container(world, "grafana", "grafana")["envFrom"]


@fault(
    "grafana-variable-of-another-name",
    known_from="grafana.com: Configure Grafana, variable expansion ($__env{})",
    turns_red=("OIDC-SECRET-03[grafana]",),
)
def grafana_variable_of_another_name(world: World) -> None:
    """Grafana's client secret is the value of another variable, and the Secret's key is a third one since a rename."""
    give_grafana_secret_by_variable(world, "OIDC_SECRET")


@fault(
    "grafana-variable-behind-a-prefix",
    known_from="kubernetes.io: EnvFromSource.prefix; grafana.com: Configure Grafana, by environment variables",
    turns_red=("OIDC-SECRET-03[grafana]",),
)
def grafana_variable_behind_a_prefix(world: World) -> None:
    """Grafana is configured by variables alone, and its whole Secret is behind a prefix since it has a neighbour."""
    container = seeded.container(world, "grafana", "grafana")
    container["envFrom"] = [{"prefix": "SSO_", "secretRef": {"name": "grafana-oidc"}}]
    container["volumeMounts"] = [mount for mount in container["volumeMounts"] if mount["name"] != "config"]


@fault("argocd-reference-wrong", known_from="facts/argocd.md", turns_red=("OIDC-SECRET-03[argocd]",))
def argocd_reference_wrong(world: World) -> None:
    """argocd-cm refers to a Secret by its old name; ArgoCD would send the reference itself as its secret."""
    settings = world.cluster.get("configmaps", "argocd", "argocd-cm")["data"]
    settings["oidc.config"] = settings["oidc.config"].replace("$argocd-oidc:", "$argocd-oidc-secret:")


@fault(
    "argocd-secret-unlabelled",
    known_from="recordings/argocd: fault-no-part-of-label",
    turns_red=("OIDC-SECRET-03[argocd]",),
)
def argocd_secret_unlabelled(world: World) -> None:
    """ArgoCD's Secret lost its part-of label: a server that starts does not see it."""
    world.cluster.get("secrets", "argocd", "argocd-oidc")["metadata"]["labels"].pop("app.kubernetes.io/part-of")


@fault("grafana-not-restarted", known_from="runbook R4", turns_red=("OIDC-SECRET-04[grafana]",), warns=True)
def grafana_not_restarted(world: World) -> None:
    """Grafana's Secret was written again an hour ago, and Grafana was not restarted."""
    write_grafana_secret_anew(world)


@fault(
    "grafana-sub-path-not-restarted",
    known_from="kubernetes.io: a container that mounts a Secret by subPath receives no updates",
    turns_red=("OIDC-SECRET-04[grafana]",),
    warns=True,
)
def grafana_sub_path_not_restarted(world: World) -> None:
    """Grafana's Secret was written again, and its one file is mounted by subPath: it stays what it was at the start."""
    mount_grafana_secret(world, "client_secret", secret_files(), sub_path=GRAFANA_KEY)
    write_grafana_secret_anew(world)


@fault(
    "grafana-secret-rotated-in-the-cluster-alone",
    known_from="facts/generic-relying-parties.md: a restart breaks what works",
    turns_red=("OIDC-TOKEN-03[grafana]",),
    blocks=("[grafana]",),
)
def grafana_secret_rotated_in_the_cluster_alone(world: World) -> None:
    """Grafana's Secret got a new value that Authentik does not know; what runs still holds the right one."""
    value = world.secrets.client_secret("grafana after the rotation")
    world.cluster.get("secrets", "grafana", "grafana-oidc")["data"][GRAFANA_KEY] = base64.b64encode(
        value.encode()
    ).decode()
    write_grafana_secret_anew(world)


@fault(
    "grafana-file-of-a-key-that-is-gone",
    known_from="field/reports.md 10",
    turns_red=("OIDC-SECRET-03[grafana]",),
)
def grafana_file_of_a_key_that_is_gone(world: World) -> None:
    """Grafana's Deployment mounts a key that its Secret does not have: the next pod will not start."""
    mount_grafana_secret(world, "oauth", secret_files(("client_secret", "client_secret")))


@fault(
    "grafana-file-of-another-name",
    known_from="field/reports.md 10",
    turns_red=("OIDC-SECRET-03[grafana]",),
)
def grafana_file_of_another_name(world: World) -> None:
    """Grafana's variable names a file that its Secret's volume does not have: the item's path was renamed."""
    container = mount_grafana_secret(world, "oauth", secret_files((GRAFANA_KEY, "secret")))
    container["env"].append({"name": f"{GRAFANA_KEY}__FILE", "value": "/etc/secrets/oauth/client_secret"})
