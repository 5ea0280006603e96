"""Other ways for a client secret to reach its application (field/reports.md 10; grafana.com, kubernetes.io)."""

from __future__ import annotations

import base64
import json

import yaml

from lab import seeded
from lab.applications.secrets import restart
from lab.arrangements import (
    give_grafana_secret_by_variable,
    mount_grafana_secret,
    secret_files,
    write_grafana_secret_anew,
)
from lab.cluster.seed.secret_objects import GRAFANA_KEY
from lab.registry import Table, described
from lab.variants import variant
from lab.world import World


@variant("grafana-secret-in-a-file", of=("grafana-without-env-from",))
def grafana_secret_in_a_file(world: World) -> None:
    """Grafana reads its client secret from a mounted file, as its chart's example does (field/reports.md 10)."""
    mount_grafana_secret(world, "oauth", secret_files((GRAFANA_KEY, "client_secret")))


@variant("grafana-file-that-a-variable-names", of=("grafana-file-of-another-name",))
def grafana_file_that_a_variable_names(world: World) -> None:
    """The file has the key's own name, and Grafana's image takes it by a variable that ends in __FILE."""
    container = mount_grafana_secret(world, "named", secret_files())
    container["env"].append({"name": f"{GRAFANA_KEY}__FILE", "value": f"/etc/secrets/named/{GRAFANA_KEY}"})


@variant("grafana-secret-by-another-variable", of=("grafana-variable-of-another-name",))
def grafana_secret_by_another_variable(world: World) -> None:
    """The Secret's key is a variable of another name, which Grafana expands into its setting."""
    give_grafana_secret_by_variable(world, "SSO_SECRET")


@variant("grafana-secret-behind-a-prefix-as-well", of=("grafana-variable-behind-a-prefix",))
def grafana_secret_behind_a_prefix_as_well(world: World) -> None:
    """A plugin of Grafana's wants the Secret behind a prefix, and Grafana has it as before beside that."""
    container = seeded.container(world, "grafana", "grafana")
    container.setdefault("envFrom", []).append({"prefix": "SSO_", "secretRef": {"name": "grafana-oidc"}})


@variant("grafana-file-of-a-projected-volume", of=("grafana-file-of-a-key-that-is-gone",))
def grafana_file_of_a_projected_volume(world: World) -> None:
    """A projected volume has the Secret's key in a folder, and Grafana expands the file into its setting."""
    parts = [
        {"configMap": {"name": "grafana-ca"}},
        {"secret": {"name": "grafana-oidc", "items": [{"key": GRAFANA_KEY, "path": "oauth/client_secret"}]}},
        {"secret": {"name": "grafana-oidc", "items": [{"key": "key-of-before", "path": "old"}], "optional": True}},
    ]
    container = mount_grafana_secret(world, "projected", {"projected": {"sources": parts}})
    expanded = "$__file{/etc/secrets/projected/oauth/client_secret}"
    container["env"].append({"name": GRAFANA_KEY, "value": expanded})


@variant("grafana-secret-by-an-init-container", of=("grafana-without-env-from",))
def grafana_secret_by_an_init_container(world: World) -> None:
    """An init container takes the secret and writes Grafana's settings into a volume that both see."""
    spec = seeded.pod_spec(world, "grafana", "grafana")
    spec["containers"][0].pop("envFrom", None)
    variable = {"name": "SECRET", "valueFrom": {"secretKeyRef": {"name": "grafana-oidc", "key": GRAFANA_KEY}}}
    spec["initContainers"] = [{"name": "render", "image": "docker.io/library/busybox:1.37", "env": [variable]}]


def _reloads(estate: Table) -> None:
    described(estate, "grafana")["reloads"] = True


@variant("grafana-file-that-followed-its-secret", of=("grafana-sub-path-not-restarted",), describe=_reloads)
def grafana_file_that_followed_its_secret(world: World) -> None:
    """The Secret was written anew, its whole volume followed, and the application reads the file at each use."""
    mount_grafana_secret(world, "followed", secret_files())
    write_grafana_secret_anew(world)


@variant("argocd-settings-in-json", of=("argocd-reference-wrong",))
def argocd_settings_in_json(world: World) -> None:
    """ArgoCD's settings are JSON, which is YAML too: a line of their own has no reference in it."""
    settings = world.cluster.get("configmaps", "argocd", "argocd-cm")["data"]
    settings["oidc.config"] = json.dumps(yaml.safe_load(settings["oidc.config"]))


@variant("argocd-secret-with-a-newline", of=("secret-rotated-in-authentik-alone",))
def argocd_secret_with_a_newline(world: World) -> None:
    """ArgoCD's Secret ends with the newline of an `echo`, which ArgoCD takes off (facts/argocd.md)."""
    data = world.cluster.get("secrets", "argocd", "argocd-oidc")["data"]
    value = base64.b64decode(data["oidc.authentik.clientSecret"])
    data["oidc.authentik.clientSecret"] = base64.b64encode(value.strip() + b"\n").decode()
    restart(world, "argocd")


@variant("external-secret-of-a-whole-item", of=("external-secret-renamed-key",))
def external_secret_of_a_whole_item(world: World) -> None:
    """Grafana's ExternalSecret extracts a whole item of the store, as 1Password's and Vault's do: its text names no key
    (external-secrets.io, "Extract structured data")."""
    spec = world.cluster.get("externalsecrets", "grafana", "grafana-oidc")["spec"]
    del spec["data"]
    spec["dataFrom"] = [{"extract": {"key": "grafana-oidc"}, "sourceRef": {"storeRef": spec.pop("secretStoreRef")}}]
