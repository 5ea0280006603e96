"""What a cluster can have of an installation: asked with kubectl, as whoever types the command may."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from typing import Final

from deploy.installation import EXTERNAL_SECRETS, PARTS, Installation
from fixtures.model.errors import OptionError

_SECONDS: Final = 30


def fitted(installation: Installation, context: str) -> tuple[Installation, list[str]]:
    """Comes in: an installation, and a context of the kubeconfig. Goes out: what of it that cluster serves the kinds
    for, and a sentence for each thing left out. Raises OptionError when the cluster does not say."""
    served, sentences = _served(context), []
    for name in installation.parts:
        kind = PARTS[name].kind
        if kind and kind not in served:
            sentences.append(f"left out: {name}, as {context} serves no {kind}; lost: {PARTS[name].brings}")
    parts = tuple(name for name in installation.parts if not PARTS[name].kind or PARTS[name].kind in served)
    store = installation.store if EXTERNAL_SECRETS in served else ""
    if store != installation.store:
        sentences.append(
            f"left out: --store {installation.store}, as {context} serves no {EXTERNAL_SECRETS}; the "
            "README says how the Secrets are made by hand"
        )
    return replace(installation, parts=parts, store=store), sentences


def _served(context: str) -> set[str]:
    """Every kind that the cluster serves, as plural.group."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        raise OptionError("--context", "asks the cluster with kubectl, which is not installed", "leave --context out")
    command = [kubectl, "--context", context, f"--request-timeout={_SECONDS}s", "api-resources", "--output=name"]
    try:
        finished = subprocess.run(  # noqa: S603  # kubectl, with the user's own context
            command, capture_output=True, text=True, timeout=2 * _SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise _not_told(context, f"no answer in {2 * _SECONDS} seconds") from None
    if finished.returncode:
        raise _not_told(context, (finished.stderr.strip().splitlines() or ["nothing"])[-1][:300])
    return set(finished.stdout.split())


def _not_told(context: str, said: str) -> OptionError:
    problem = f"the cluster does not say what it serves: {said}"
    return OptionError(
        f"--context {context}", problem, "kubectl config get-contexts lists them; or leave --context out"
    )
