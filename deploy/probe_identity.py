"""The folder authentik/ of an overlay: the probe identity as a blueprint, and what its credentials come from."""

from __future__ import annotations

from typing import Final

from deploy.in_cluster import variable
from deploy.installation import DEPLOY, NAME, Installation
from deploy.manifests import MADE, Texts, external_secret, written
from fixtures.estate import Estate

BLUEPRINT: Final = f"{NAME}.yaml"
KEYS: Final = ("api-token", "probe-password", "excluded-password", "gate-app-password", "client-secret")
"""The five credentials, by their keys in the suite's Secret."""
_KUSTOMIZATION: Final = f"""\
{MADE}# Authentik's worker has to see the ConfigMap and the Secret. With its Helm chart:
#   blueprints:
#     configMaps: [authentik-blueprints-{NAME}]
#   worker:
#     envFrom:
#       - secretRef: {{name: {NAME}-identity}}
"""
_ACCESS_HEAD: Final = f"""\
{MADE}# Which applications the probe user is let into by name. Only applications that have bindings already belong here:
# the first binding of an application that has none shuts everybody else out of it.
version: 1
metadata:
  name: SSO conformance access
entries:
  # The probe user comes first: Authentik applies files in no order of its own.
  - model: authentik_blueprints.metaapplyblueprint
    attrs:
      identifiers:
        name: SSO conformance
      required: true
"""
_ACCESS: Final = """\
  - model: authentik_policies.policybinding
    identifiers:
      target: !Find [authentik_core.application, [slug, {slug}]]
      user: !Find [authentik_core.user, [username, {username}]]
    attrs:
      order: 100
      enabled: true
      negate: false
      timeout: 30
"""


def strangers(estate: Estate) -> list[str]:
    """The estate file's own names that the blueprint would not make: a user of the operator's own must not be
    overwritten by it."""
    made = (DEPLOY / "authentik" / BLUEPRINT).read_text(encoding="utf-8")
    users = (estate.probe_user, estate.excluded_user, estate.service_account)
    named = [user.username for user in users if user] + ([estate.client.slug] if estate.client else [])
    return [name for name in named if f": {name}\n" not in made]


def authentik(installation: Installation, estate: Estate) -> Texts:
    """The folder's files."""
    namespace, files = estate.authentik.namespace, [BLUEPRINT]
    texts = {BLUEPRINT: (DEPLOY / "authentik" / BLUEPRINT).read_text(encoding="utf-8")}
    if installation.access and estate.probe_user:
        files.append("access.yaml")
        bindings = (_ACCESS.format(slug=slug, username=estate.probe_user.username) for slug in installation.access)
        texts["access.yaml"] = _ACCESS_HEAD + "".join(bindings)
    resources = []
    if installation.store:
        resources.append("credentials.yaml")
        kept = {variable(key): variable(key) for key in KEYS}
        secret = external_secret(f"{NAME}-identity", namespace, installation.store, kept)
        texts["credentials.yaml"] = MADE + written(secret)
    return texts | {"kustomization.yaml": _KUSTOMIZATION + written(_kustomization(namespace, files, resources))}


def _kustomization(namespace: str, files: list[str], resources: list[str]) -> dict[str, object]:
    generated = {
        "name": f"authentik-blueprints-{NAME}",
        "files": files,
        # The chart's values name it; and the worker notices a changed file by itself.
        "options": {"disableNameSuffixHash": True, "labels": {"app.kubernetes.io/component": "blueprint"}},
    }
    head = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "namespace": namespace}
    return head | ({"resources": resources} if resources else {}) | {"configMapGenerator": [generated]}
