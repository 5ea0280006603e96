"""Other ways to run the same applications: fewer replicas, secrets kept by hand."""

from __future__ import annotations

import copy
from typing import Final

from lab import names
from lab.authentik.state import Replica
from lab.cluster.objects import Age, new
from lab.cluster.seed.access import ACCOUNT
from lab.cluster.state import Cluster, Object
from lab.registry import Table, described
from lab.shapes import shape
from lab.world import World


def _one_server(estate: Table) -> None:
    estate["authentik"]["server_replicas"] = 1


@shape("one-server-replica", describe=_one_server)
def one_server_replica(world: World) -> None:
    """One replica of Authentik's server, and so one instance of the embedded outpost."""
    authentik, cluster = world.authentik, world.cluster
    authentik.replicas = [Replica()]
    for outpost in authentik.outposts.values():
        outpost.instances = outpost.instances[:1]
    gone = cluster.server_pods.pop()
    cluster.delete("pods", "authentik", gone)
    _scale(cluster.get("deployments", "authentik", "authentik-server"), 1)
    for piece in cluster.list("endpointslices", "authentik"):
        piece["endpoints"] = [each for each in piece["endpoints"] if names.SERVER_POD_IPS[1] not in each["addresses"]]


def _scale(deployment: Object, replicas: int) -> None:
    deployment["spec"]["replicas"] = replicas
    status = deployment["status"]
    status |= {key: replicas for key in status if key.endswith("eplicas")}


def _kept_by_hand(estate: Table) -> None:
    for app in estate["oidc"]:
        if "secret" in app:
            app["secret"]["external_secret"] = False
            del app["secret"]["store"]
    estate["workloads"] = [each for each in estate["workloads"] if "external-secrets" not in each["ref"]]
    estate["gitops"].remove("argocd/external-secrets")


@shape("without-external-secrets", describe=_kept_by_hand)
def without_external_secrets(world: World) -> None:
    """Secrets are put into the cluster by hand: there is no External Secrets Operator, nor any of its objects."""
    cluster = world.cluster
    for kind in ("externalsecrets", "clustersecretstores"):
        for found in cluster.list(kind):
            cluster.delete(kind, found["metadata"].get("namespace", ""), found["metadata"]["name"])
    for secret in cluster.list("secrets"):
        secret["metadata"].pop("ownerReferences", None)
    for kind in ("deployments", "replicasets", "pods"):
        for found in cluster.list(kind, "external-secrets"):
            cluster.delete(kind, "external-secrets", found["metadata"]["name"])
    cluster.delete("applications", "argocd", "external-secrets")


def _not_configured(estate: Table) -> None:
    infisical = described(estate, "infisical")
    infisical |= {"configured": False, "reason": "single sign-on is a paid feature there; the provider is ready"}


@shape("infisical-without-oidc", describe=_not_configured)
def infisical_without_oidc(world: World) -> None:
    """Infisical's provider exists, but nobody entered it there: people log in by password."""
    world.applications["infisical"].configured = False


_MADE_BY: Final = {
    "grafana": "rollout.argoproj.io",
    "infisical": "rollout.argoproj.io",
    "whoami": "cloneset.apps.kruise.io",
}


def _by_other_controllers(estate: Table) -> None:
    for app in (*estate["oidc"], *estate["forward_auth"]):
        if kind := _MADE_BY.get(app["name"]):
            app["workload"] = app["workload"].replace("/deployment/", f"/{kind}/")


@shape("workloads-of-other-controllers", describe=_by_other_controllers)
def workloads_of_other_controllers(world: World) -> None:
    """Argo Rollouts and OpenKruise run applications; one Rollout takes its template from a Deployment that it scaled
    down (argo-rollouts: pkg/apis/rollouts/v1alpha1/types.go, docs/migrating.md; kruise: apis/apps/v1alpha1)."""
    cluster = world.cluster
    for namespace, name in (("grafana", "grafana"), ("infisical", "infisical")):
        deployment = cluster.get("deployments", namespace, name)
        spec: Object = {"replicas": 1, "strategy": {"canary": {"steps": [{"setWeight": 20}, {"pause": {}}]}}}
        if name == "infisical":
            spec["workloadRef"] = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
            _scale(deployment, 0)
        else:
            spec |= {part: deployment["spec"][part] for part in ("selector", "template")}
            cluster.delete("deployments", namespace, name)
        # Its controller writes the generation as text.
        status: Object = {"observedGeneration": "1", "phase": "Healthy", "stableRS": "5c5f6d7b9"}
        _put_in_its_place(cluster, "argoproj.io/v1alpha1", "Rollout", deployment, spec, status)
    deployment = cluster.get("deployments", "whoami", "whoami")
    cluster.delete("deployments", "whoami", "whoami")
    told = {"observedGeneration": 1, "currentRevision": "whoami-6d9f", "updateRevision": "whoami-6d9f"}
    _put_in_its_place(cluster, "apps.kruise.io/v1alpha1", "CloneSet", deployment, deployment["spec"], told)
    rules = cluster.get("clusterroles", "", ACCOUNT)["rules"]
    for group, plural in (("argoproj.io", "rollouts"), ("apps.kruise.io", "clonesets")):
        rules.append({"apiGroups": [group], "resources": [plural], "verbs": ["list"]})


def _put_in_its_place(cluster: Cluster, api: str, kind: str, deployment: Object, spec: Object, told: Object) -> None:
    metadata = deployment["metadata"]
    made = new(api, kind, metadata["name"], metadata["namespace"], created=metadata["creationTimestamp"])
    counts = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    made |= {"spec": spec, "status": dict.fromkeys(counts, 1) | told}
    cluster.put(made)


_SOURCES: Final = ("buckets", "gitrepositories", "helmcharts", "helmrepositories", "ocirepositories")


def _by_flux(estate: Table) -> None:
    estate["gitops"] = ["flux-system/kustomization/apps", "grafana/helmrelease/grafana"]


@shape("deployed-by-flux", describe=_by_flux)
def deployed_by_flux(world: World) -> None:
    """Flux deploys the estate, and takes it from a repository of Git's and a chart (fluxcd.io: Kustomization,
    HelmRelease, GitRepository, HelmChart and HelmRepository of type oci, which has no status)."""
    cluster, age = world.cluster, Age(world.clock.now())
    for found in cluster.list("applications"):
        cluster.delete("applications", found["metadata"]["namespace"], found["metadata"]["name"])
    ready = {"type": "Ready", "status": "True", "reason": "Succeeded", "message": "stored artifact"}
    status = {"observedGeneration": 1, "conditions": [{**ready, "lastTransitionTime": age.rolled_out}]}
    git, shop = {"kind": "GitRepository", "name": "home"}, {"kind": "HelmRepository", "name": "grafana"}
    chart = "grafana-grafana"
    made: tuple[tuple[str, str, str, Object, Object], ...] = (
        ("kustomize/v1", "Kustomization", "flux-system/apps", {"sourceRef": git}, status),
        ("source/v1", "GitRepository", "flux-system/home", {"url": "https://git.example.org/home"}, status),
        ("helm/v2", "HelmRelease", "grafana/grafana", {}, {**status, "helmChart": f"flux-system/{chart}"}),
        ("source/v1", "HelmChart", f"flux-system/{chart}", {"chart": "grafana", "sourceRef": shop}, status),
        ("source/v1", "HelmRepository", "flux-system/grafana", {"type": "oci", "url": "oci://example.org/charts"}, {}),
    )
    for api, kind, named, spec, told in made:
        (group, version), (namespace, name) = api.split("/"), named.split("/")
        each = new(f"{group}.toolkit.fluxcd.io/{version}", kind, name, namespace, created=age.created)
        cluster.put(each | {"spec": {"interval": "10m", **spec}, "status": copy.deepcopy(told)})
    rules = cluster.get("clusterroles", "", ACCOUNT)["rules"]
    sources = tuple(("source", plural) for plural in _SOURCES)
    for group, plural in (("kustomize", "kustomizations"), ("helm", "helmreleases"), *sources):
        rules.append({"apiGroups": [f"{group}.toolkit.fluxcd.io"], "resources": [plural], "verbs": ["list"]})
