"""An overlay's README: what is typed to install it, in that order, with its own names."""

from __future__ import annotations

from typing import Final

from deploy.in_cluster import InCluster, variable
from deploy.installation import DEPLOY, Installation
from deploy.probe_identity import KEYS, strangers

# A Job of a fixed name cannot be changed; ArgoCD deletes it before each sync.
_AGAIN: Final = """\
kubectl -n @NAMESPACE@ delete jobs -l sso-conformance/run=postsync
kubectl apply --server-side -k hook"""


def readme(installation: Installation, seen: InCluster) -> str:
    """The text of README.md."""
    others = strangers(seen.estate)
    names = tuple(dict.fromkeys((*(() if others else KEYS), *seen.keys)))
    words = {
        "VALUES": _text("asked" if others else "drawn"),
        "CREDENTIALS": _text("external-secret" if installation.store else "secret"),
        "WORKER": "" if others else ", and the same values for Authentik's worker",
        "IDENTITYSECRET": "" if others else _text("identity-secret"),
        "IDENTITY": _text("strangers" if others else "identity"),
        "STRANGERS": ", ".join(others),
        "RUN": _AGAIN if installation.kustomize_hook else "kubectl create -f hook/job.yaml",
        "ESTATE": seen.estate.name,
        "IMAGE": installation.image,
        "STORE": installation.store,
        "NAMESPACE": installation.namespace,
        "AUTHENTIK": seen.estate.authentik.namespace,
        "KEYS": " ".join(names),
        "NAMES": "\n".join(f"- `{variable(name)}`: `$drawn/{name}`" for name in names),
        "VARIABLES": "\n".join(f"  --from-file={variable(name)}=$drawn/{name} \\" for name in KEYS),
    }
    text = _text("README")
    for name, value in words.items():
        text = text.replace(f"@{name}@", value)
    return text


def _text(name: str) -> str:
    return (DEPLOY / "readme" / f"{name}.md").read_text(encoding="utf-8")
