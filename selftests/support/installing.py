"""An installation in a lab: what its overlay holds is applied, and the suite runs with its estate file and rights."""

import json
from collections.abc import Callable
from pathlib import Path

from lab.cluster.state import Cluster
from lab.files import SUITE_CONTEXT
from lab.lab import Lab
from selftests.support import blueprints
from selftests.support.manifests import NAMESPACE, Object, folder_of, objects_of

ESTATE_FOLDER = "/etc/sso-conformance"
CREDENTIALS = "/etc/sso-conformance-credentials"


def credentials(lab: Lab) -> dict[str, str]:
    """The Secret that is made of what the blueprint's identity was given."""
    drawn = lab.world.secrets
    return {
        "api-token": drawn.api_token,
        "probe-password": drawn.probe_password,
        "excluded-password": drawn.user_password,
        "gate-app-password": drawn.gate_app_password,
        "client-secret": drawn.conformance_client_secret,
    }


def network(lab: Lab, folder: Path) -> str:
    """What the cluster's DNS and its authorities are to a real pod, as a table of the estate file."""
    routes = ", ".join(f"{json.dumps(name)} = {json.dumps(to)}" for name, to in lab.connect_to.items())
    authority = folder / "ca.pem"
    authority.write_bytes(lab.ca_pem)
    return f'\n[network]\nca_file = "{authority}"\nisolated = true\nconnect_to = {{ {routes} }}\n'


def install(lab: Lab, manifests: list[Object], *, blueprint: bool = True) -> None:
    """What the API server has after `kubectl apply -k`, and Authentik of the blueprints. What the lab was seeded with
    in their place makes way."""
    lab._between_requests(lambda: _install(lab, manifests, blueprint=blueprint))


def _install(lab: Lab, manifests: list[Object], *, blueprint: bool) -> None:
    cluster = lab.world.cluster
    if blueprint:
        blueprints.plant(lab.world)
    for kind in ("clusterroles", "clusterrolebindings", "roles", "rolebindings"):
        for obj in [obj for obj in cluster.list(kind) if obj["metadata"]["name"].startswith(NAMESPACE)]:
            cluster.delete(kind, obj["metadata"].get("namespace", ""), obj["metadata"]["name"])
    for obj in manifests:
        cluster.put(obj)


class Site:
    """An overlay's estate file in `folder`, as it is in the cluster, for runs that start elsewhere against this lab.

    The overlay is frank's own unless another one's folder is given.
    """

    def __init__(self, lab: Lab, folder: Path, overlay: Path | None = None) -> None:
        self.lab, self._folder, self.overlay = lab, folder, overlay or folder_of("frank")
        lab.write_state(folder)
        for key, value in credentials(lab).items():
            (folder / key).write_text(value, encoding="utf-8")

    @property
    def objects(self) -> list[Object]:
        """What the overlay holds."""
        return objects_of(self.overlay)

    def install(self, *more: Object, blueprint: bool = True) -> None:
        """The overlay and `more` manifests, and the estate file that goes with it; with the blueprint's identity, or
        the lab's own."""
        install(self.lab, [*self.objects, *more], blueprint=blueprint)
        self.describe(lambda text: text)

    def describe(self, change: Callable[[str], str]) -> None:
        """Let the estate file say something else."""
        (estate,) = (obj for obj in self.objects if obj["kind"] == "ConfigMap")
        text = change(estate["data"]["estate.toml"])
        reached = f'kubeconfig = "{self.kubeconfig}"\ncontext = "{SUITE_CONTEXT}"'
        assert text.count("in_cluster = true") == 1
        text = text.replace("in_cluster = true", reached).replace(CREDENTIALS, str(self._folder))
        text = text.replace(ESTATE_FOLDER, str(self._folder))
        if "[network]" not in text:
            text += network(self.lab, self._folder)
        self._estate.write_text(text, encoding="utf-8")

    def put(self, obj: Object) -> None:
        """Change one object of the cluster."""
        self.lab._between_requests(lambda: self.cluster.put(obj))

    @property
    def kubeconfig(self) -> Path:
        """With contexts for an administrator and for the suite."""
        return self._folder / "kubeconfig"

    @property
    def _estate(self) -> Path:
        return self._folder / "site.toml"

    @property
    def cluster(self) -> Cluster:
        """The lab's cluster; another one after the lab was healed."""
        return self.lab.world.cluster

    @property
    def options(self) -> tuple[str, ...]:
        """What a run of the suite is told."""
        return ("--estate", str(self._estate), "--vantage", "inside")
