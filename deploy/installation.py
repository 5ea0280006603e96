"""What an installation is asked to be: the options of `python -m deploy.overlay`, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEPLOY: Final = Path(__file__).parent
NAME: Final = "sso-conformance"


@dataclass(frozen=True)
class Installation:
    """An installation. Its defaults are those of a cluster of which nothing is known.

    `store` is the ClusterSecretStore that credentials come from, "" where Secrets are made by hand; `parts` are
    components beside the nightly run; `known` is the text of a file of known failures; `access` are slugs of
    applications that the probe user is let into by name; the rest is what ArgoCD has to be told.
    """

    image: str
    namespace: str = NAME
    store: str = ""
    parts: tuple[str, ...] = ()
    writes: bool = False
    known: str = ""
    kustomize_hook: bool = False
    access: tuple[str, ...] = ()
    repository: str = "https://git.invalid/your/repository.git"
    revision: str = "main"
    path: str = "path/to/your/overlay"
    project: str = "default"
    argocd: str = "argocd"
    notify: str = "your-service"

    @property
    def application(self) -> str:
        """The ArgoCD Application that carries the hook, as namespace/name."""
        return f"{self.argocd}/{self.namespace}"


@dataclass(frozen=True)
class Part:
    """A component of deploy/components that is there to be chosen: what it brings, the kind that the cluster must
    serve for it as plural.group, and the parts it does not work without."""

    brings: str
    kind: str = ""
    needs: tuple[str, ...] = ()


PARTS: Final = {
    "viewer": Part("the reports by port-forward; asks for a ReadWriteMany volume"),
    "scrape": Part("the newest night's metrics for Prometheus", "servicemonitors.monitoring.coreos.com", ("viewer",)),
    "rules": Part("alarms, from kube-state-metrics", "prometheusrules.monitoring.coreos.com"),
    "network-policy": Part("which ports the pods may reach, and who may reach them"),
    "browser": Part("logins in a real browser; takes the image's variant with Chromium"),
    "sharded": Part("the night divided over four pods; asks for a ReadWriteMany volume"),
}
EXTERNAL_SECRETS: Final = "externalsecrets.external-secrets.io"
