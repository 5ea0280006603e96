"""An installation as texts, by the path that each has in the overlay's folder.

    hook/                what both Applications run with, and the hook: a plain directory, or kustomize's
    night/               the nightly run, and what shows and watches it: kustomize
    argocd/, authentik/  for those two namespaces
    kustomization.yaml   everything but the hook, where there is no ArgoCD

Plain functions of an Installation and an estate; overlay.py writes what they return.
"""

from __future__ import annotations

import math
import re
from typing import Any, Final

import tomli_w
import yaml

from deploy import rights
from deploy.in_cluster import AUTHORITY, ESTATE_FOLDER, InCluster, variable
from deploy.installation import DEPLOY, NAME, Installation
from fixtures.estate.estate import Estate

Table = dict[str, Any]
Texts = dict[str, str]

MADE: Final = "# Made by `python -m deploy.overlay`, which writes it anew: put changes into an overlay upon this one.\n"
HOOK: Final = f"{NAME}-postsync"
# A day: time to read a red run's log. ArgoCD deletes a green one, and its finalizer keeps what it has not judged yet.
KEPT_SECONDS: Final = 86_400
# MiB, as deploy/base has it.
LEAST_MEMORY: Final = 384
_JOB: Final = """\
# Each run is a Job with a name of its own: one of a fixed name can be judged by the Job before it. ArgoCD deletes it
# when it was green (HookSucceeded); a red one stays to be read, until ttlSecondsAfterFinished. kustomize refuses
# generateName, hence a plain directory. Without ArgoCD: kubectl create -f job.yaml
"""
# Where the texts of deploy/ name the namespace; anything else of that name is called so everywhere.
_NAMESPACE: Final = re.compile(rf'(kind: Namespace\nmetadata:\n  name: |namespace: |namespace="|-n ){NAME}(?=["\s])')


class _Dumper(yaml.SafeDumper):
    """YAML as people write it: sequences indented, texts of several lines as such."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def written(*objects: Table) -> str:
    """Objects as one YAML file."""
    texts = (yaml.dump(each, Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True) for each in objects)
    return "---\n".join(texts)


def renamed(text: str, installation: Installation) -> str:
    """A text of deploy/ with the installation's namespace."""
    return _NAMESPACE.sub(rf"\g<1>{installation.namespace}", text)


def source(path: str, installation: Installation) -> str:
    """A file of deploy/, for the installation's namespace."""
    return renamed((DEPLOY / path).read_text(encoding="utf-8"), installation)


def hook(installation: Installation, seen: InCluster, components: str) -> Texts:
    """The folder hook/. `components` leads from there to the components."""
    texts = {
        "account.yaml": source("base/account.yaml", installation),
        "rights.yaml": MADE + rights.manifests(seen.estate, installation.namespace, writes=installation.writes),
        "estate.yaml": MADE + written(_estate(installation, seen)),
    }
    if installation.store:
        texts["credentials.yaml"] = MADE + written(suite_credentials(installation, seen))
    if not installation.kustomize_hook:
        return texts | {"job.yaml": MADE + _JOB + written(hook_job(installation, seen.estate))}
    overlay = {"resources": [*texts, "pod-template.yaml"], "components": [f"{components}/hook"]}
    return texts | {
        "pod-template.yaml": MADE + written(pod_template(installation, seen.estate)),
        "kustomization.yaml": MADE + written(_kustomization(overlay)),
    }


def night(installation: Installation, seen: InCluster, components: str) -> Texts:
    """The folder night/. `components` leads from there to the components."""
    template = pod_template(installation, seen.estate)
    # A sync is judged by what is declared alone; in the night there is time to say what has drifted from it.
    options = ["--drift", *(["--allow-writes"] if installation.writes else [])]
    template["template"]["spec"]["containers"][0]["args"] += options
    chosen = night_components(installation)
    overlay = {
        "resources": ["pod-template.yaml"],
        "components": [f"{components}/{name}" for name in chosen],
        # The viewer's; the suite's pods have it already.
        "images": [{"name": NAME, **_image(installation.image)}],
    }
    return {
        "pod-template.yaml": MADE + written(template),
        "kustomization.yaml": MADE + written(_kustomization(overlay)),
    }


def night_components(installation: Installation) -> list[str]:
    """The components of the night, what others change first."""
    run = "sharded" if "sharded" in installation.parts else "nightly"
    return [run, *(part for part in installation.parts if part != "sharded")]


def whole(installation: Installation) -> str:
    """The folder's own kustomization: everything but the hook."""
    files = ["account.yaml", "rights.yaml", "estate.yaml", *(["credentials.yaml"] if installation.store else [])]
    overlay = {"resources": [*(f"hook/{name}" for name in files), "night"]}
    return MADE + "# Without ArgoCD: kubectl apply --server-side -k .\n" + written(_kustomization(overlay))


def pod_template(installation: Installation, estate: Estate) -> Table:
    """What the suite's pods look like here."""
    template: Table = yaml.safe_load(source("base/pod-template.yaml", installation))
    container = template["template"]["spec"]["containers"][0]
    container["image"] = installation.image
    container["resources"]["limits"]["memory"] = f"{memory_limit(estate)}Mi"
    (reports,) = (volume for volume in template["template"]["spec"]["volumes"] if volume["name"] == "reports")
    reports["emptyDir"]["sizeLimit"] = f"{reports_limit(estate)}Mi"
    if installation.known:
        container["env"].append({"name": "SSO_KNOWN_FAILURES", "value": f"{ESTATE_FOLDER}/known.toml"})
    return template


def memory_limit(estate: Estate) -> int:
    """What a pod that judges this estate may take, in MiB: half as much again as was measured with --settle at
    410 applications (358 MB; without it 280, and 168 at 110: `python -m selftests.benchmarks.scale`), in steps of 64,
    and never less than the base's."""
    wanted = 192 + 0.9 * (len(estate.oidc) + len(estate.forward_auth))
    return max(LEAST_MEMORY, math.ceil(wanted / 64) * 64)


def reports_limit(estate: Estate) -> int:
    """What the reports of a run on this estate may take, in MiB: twice what was measured at 410 applications (49 MB),
    in steps of 64. A pod whose folder grows beyond its limit is evicted, and leaves no verdict."""
    return math.ceil((16 + 0.25 * (len(estate.oidc) + len(estate.forward_auth))) / 64) * 64


def hook_job(installation: Installation, estate: Estate) -> Table:
    """The hook's Job with a name of its own for each run, from the kustomize component's."""
    job: Table = yaml.safe_load(source("components/hook/job.yaml", installation))
    metadata, template = job["metadata"], pod_template(installation, estate)["template"]
    job["metadata"] = {"generateName": f"{metadata.pop('name')}-", **metadata}
    metadata["annotations"]["argocd.argoproj.io/hook-delete-policy"] = "HookSucceeded"
    for change in yaml.safe_load(source("components/hook/own.yaml", installation)):
        _add(template, change["path"].removeprefix("/spec/template/"), change["value"])
    job["spec"] |= {"ttlSecondsAfterFinished": KEPT_SECONDS, "template": template}
    return job


def _add(place: Any, path: str, value: object) -> None:  # noqa: ANN401
    """`add` of RFC 6902: into a mapping, or at the end of a list."""
    *folders, last = (step.replace("~1", "/") for step in path.split("/"))
    for step in folders:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if isinstance(place, list):
        place.append(value)
    else:
        place[last] = value


def _estate(installation: Installation, seen: InCluster) -> Table:
    """Of a fixed name: nothing that runs for longer than a run reads it, so that nothing has to be restarted. That the
    image stands here, too, lets a new one be a change that ArgoCD runs the hook after."""
    data = {"image": installation.image, "estate.toml": tomli_w.dumps(seen.tables)}
    data |= {AUTHORITY: seen.authority} if seen.authority else {}
    data |= {"known.toml": installation.known} if installation.known else {}
    metadata = {"name": f"{NAME}-estate", "namespace": installation.namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def suite_credentials(installation: Installation, seen: InCluster) -> Table:
    """The Secret that the suite's pods mount."""
    kept = {key: variable(key) for key in seen.keys}
    return external_secret(f"{NAME}-credentials", installation.namespace, installation.store, kept)


def external_secret(name: str, namespace: str, store: str, kept: dict[str, str]) -> Table:
    """An ExternalSecret; `kept` is each of its keys and what the store calls it."""
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "refreshInterval": "1h",
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": store},
            "target": {"name": name},
            "data": [{"secretKey": key, "remoteRef": {"key": there}} for key, there in kept.items()],
        },
    }


def argocd(installation: Installation) -> Texts:
    """The folder argocd/: both Applications, the other way, and the notification."""
    filled = {
        "https://git.invalid/your/repository.git": installation.repository,
        "targetRevision: main": f"targetRevision: {installation.revision}",
        "path/to/your/overlay": installation.path,
        "project: default": f"project: {installation.project}",
        "namespace: argocd": f"namespace: {installation.argocd}",
        "your-service": installation.notify,
        # Two installations of one cluster have Applications of their own.
        f"\n  name: {NAME}": f"\n  name: {installation.namespace}",
    }
    texts = {path.name: source(f"argocd/{path.name}", installation) for path in (DEPLOY / "argocd").glob("*.yaml")}
    for name, text in texts.items():
        for placeholder, value in filled.items():
            text = text.replace(placeholder, value)  # noqa: PLW2901
        texts[name] = text
    return texts


def _kustomization(content: Table) -> Table:
    return {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", **content}


def _image(name: str) -> Table:
    """An image's name as kustomize takes it apart."""
    name, _, digest = name.partition("@")
    last = name.rpartition("/")[2]
    tag = last.partition(":")[2]
    bare = name.removesuffix(f":{tag}") if tag else name
    return {"newName": bare} | ({"newTag": tag} if tag else {}) | ({"digest": digest} if digest else {})
