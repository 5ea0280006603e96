"""`python -m deploy.overlay --estate FILE --image IMAGE --to FOLDER`: an installation of your own.

From an estate file as it is on a laptop comes a folder with everything that a cluster is given: the estate file as the
pods need it, the rights that this estate takes and no other, the hook, the night, ArgoCD's Applications, the probe
identity, and a README of what to type. The folder stands by itself and may lie in any repository; in deploy/overlays of
this checkout it refers to deploy/components in place of copies.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from deploy import manifests
from deploy.in_cluster import InCluster, in_cluster
from deploy.installation import DEPLOY, NAME, PARTS, Installation
from deploy.probe_identity import authentik, strangers
from deploy.readme import readme
from deploy.served import fitted
from fixtures.estate import Estate
from fixtures.model.command_line import BAD_INPUT, Parser, one_word, path, text
from fixtures.model.errors import OptionError, SuiteError
from fixtures.model.files import text_of
from fixtures.plugin.known_failures import WAY_OUT, load

_PARTS_FOLDER: Final = "parts"
_DEFAULT: Final = Installation("")
_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?")
# Options of the same names; they fill in deploy/argocd.
_ARGOCD: Final = ("repository", "revision", "path", "project", "argocd", "notify")
# Of these, what is no name.
_FREE: Final = ("repository", "revision", "path")


def main(arguments: list[str] | None = None) -> int:
    """Write the folder; what is wrong with the input is one message, and exit code 4."""
    given = parser().parse_args(arguments)
    try:
        installation, sentences = _installation(given), list[str]()
        if given.context:
            installation, sentences = fitted(installation, given.context)
        seen = in_cluster(given.estate, writes=installation.writes, own_application=installation.application)
        _refuse_unknown(installation.access, seen.estate)
        _write(given.to, installation, seen)
    except SuiteError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return BAD_INPUT
    except OSError as error:
        print(f"--to {given.to}: cannot be written ({error.strerror}), name a folder that can", file=sys.stderr)  # noqa: T201
        return BAD_INPUT
    told = [*sentences, f"made: {given.to}; read {given.to / 'README.md'}, and type what it says"]
    print("\n".join(told))  # noqa: T201
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = Parser("python -m deploy.overlay", __doc__.partition("\n")[0])
    add = options.add_argument
    add("--estate", required=True, type=path, metavar="FILE", help="the estate file, as it is on a laptop")
    add("--to", required=True, type=path, metavar="FOLDER", help="the folder to write; one that this made is replaced")
    add("--image", required=True, type=one_word, help="the suite's image, with a tag or a digest, as the nodes pull it")
    add("--namespace", default=NAME, type=_name, help="where the suite's pods run (default %(default)s)")
    add(
        "--store",
        type=_name,
        help="the ClusterSecretStore of credentials; without it Secrets are made by hand",
    )
    parts = ", ".join(f"{name} ({part.brings})" for name, part in PARTS.items())
    add("--with", action="append", default=[], dest="parts", choices=PARTS, metavar="PART", help=f"one of {parts}")
    add("--context", type=text, metavar="NAME", help="ask this cluster of the kubeconfig which kinds it serves")
    add("--allow-writes", action="store_true", help="let the night run the checks that write, with the rights for it")
    add("--known-failures", type=path, metavar="FILE", help="what may be red for a while")
    add(
        "--access",
        action="append",
        default=[],
        type=_name,
        metavar="SLUG",
        help="let the probe user into this application",
    )
    add("--kustomize-hook", action="store_true", help="a hook of a fixed name, where it must stay in kustomize")
    for name in _ARGOCD:
        default, kind = getattr(_DEFAULT, name), one_word if name in _FREE else _name
        add(f"--{name}", default=default, type=kind, help="for ArgoCD's Applications (default %(default)s)")
    return options


def _name(written: str) -> str:
    """A name as Kubernetes has them. Raises ArgumentTypeError."""
    if not _LABEL.fullmatch(written):
        raise argparse.ArgumentTypeError(f"{written[:60]!r} is no name: small letters, digits and -")
    return written


def _installation(given: argparse.Namespace) -> Installation:
    if "@" not in given.image and ":" not in given.image.rpartition("/")[2]:
        raise OptionError("--image", f"{given.image} has no tag", "name one, or a digest: NAME:TAG or NAME@sha256:…")
    parts = tuple(name for name in PARTS if name in given.parts)
    for name in parts:
        for other in set(PARTS[name].needs) - set(parts):
            raise OptionError(f"--with {name}", f"does not work without {other}", f"add: --with {other}")
    load(given.known_failures, datetime.now(UTC).date())
    known = text_of(given.known_failures, WAY_OUT) if given.known_failures else ""
    return Installation(
        image=given.image,
        namespace=given.namespace,
        store=given.store or "",
        parts=parts,
        writes=given.allow_writes,
        known=known,
        kustomize_hook=given.kustomize_hook,
        access=tuple(given.access),
        **{name: getattr(given, name) for name in _ARGOCD},
    )


def _refuse_unknown(slugs: Sequence[str], estate: Estate) -> None:
    """Raise OptionError for an application of --access that the estate file does not have."""
    known = [*(app.slug for app in estate.oidc), *(gate.slug for gate in estate.forward_auth)]
    for slug in (slug for slug in slugs if slug not in known):
        near = get_close_matches(slug, known, n=1)
        way_out = f"did you mean {near[0]}?" if near else f"name one of {', '.join(known) or 'none'}"
        raise OptionError(f"--access {slug}", "no application of the estate file has this slug", way_out)


def files(installation: Installation, seen: InCluster, components: str = "") -> dict[str, str]:
    """Every file of the folder, by its path there. `components` leads from one of its folders to deploy/components;
    without it copies of those that are used are among the files."""
    texts: dict[str, str] = {}
    if not components:
        components = f"../{_PARTS_FOLDER}"
        texts |= dict(_copies(installation))
    folders = {
        "hook": manifests.hook(installation, seen, components),
        "night": manifests.night(installation, seen, components),
        "argocd": manifests.argocd(installation),
    }
    if not strangers(seen.estate):
        folders["authentik"] = authentik(installation, seen.estate)
    for folder, held in folders.items():
        texts |= {f"{folder}/{name}": content for name, content in held.items()}
    return texts | {"kustomization.yaml": manifests.whole(installation), "README.md": readme(installation, seen)}


def _copies(installation: Installation) -> Iterator[tuple[str, str]]:
    used = [*manifests.night_components(installation), *(["hook"] if installation.kustomize_hook else [])]
    for file in (file for name in used for file in sorted((DEPLOY / "components" / name).rglob("*.yaml"))):
        name = file.relative_to(DEPLOY / "components")
        yield f"{_PARTS_FOLDER}/{name}", manifests.source(f"components/{name}", installation)


def _write(folder: Path, installation: Installation, seen: InCluster) -> None:
    """Replace the folder's content. Raises OptionError where somebody else's stands there."""
    made = folder / "kustomization.yaml"
    if folder.exists() and not folder.is_dir():
        raise OptionError(f"--to {folder}", "is a file", "name a folder of its own")
    if folder.exists() and any(folder.iterdir()):
        if not (made.is_file() and made.read_text(encoding="utf-8").startswith(manifests.MADE)):
            raise OptionError(f"--to {folder}", "is neither empty nor made by this command", "name a folder of its own")
        shutil.rmtree(folder)
    beside = folder.resolve().parent == (DEPLOY / "overlays").resolve() and installation.namespace == NAME
    components = os.path.relpath(DEPLOY / "components", folder.resolve() / "night") if beside else ""
    for name, content in files(installation, seen, components).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
