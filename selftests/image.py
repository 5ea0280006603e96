"""The image as deploy/Dockerfile would build it, without a container engine: its files, its packages, its settings."""

import fnmatch
import importlib.metadata
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from packaging.utils import canonicalize_name

from selftests.manifests import DEPLOY, ROOT

DOCKERFILE = DEPLOY / "Dockerfile"
IGNORE = DEPLOY / "Dockerfile.dockerignore"


def instruction(name: str) -> str:
    """The last instruction of that name, its continuation lines joined."""
    text = re.sub(r"\\\n\s*", "", DOCKERFILE.read_text(encoding="utf-8"))
    return re.findall(rf"^{name} (.+)$", text, re.MULTILINE)[-1]


def environment() -> dict[str, str]:
    """What the image's ENV sets."""
    return dict(pair.split("=", 1) for pair in shlex.split(instruction("ENV")))


def entrypoint() -> list[str]:
    """The image's ENTRYPOINT."""
    command: list[str] = json.loads(instruction("ENTRYPOINT"))
    return command


def allowed_in() -> list[Path]:
    """The tracked and new files of the checkout that the dockerignore file lets in, relative to the checkout."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, timeout=30, check=True).stdout.splitlines()
    return [Path(name) for name in names if _allowed(name) and (ROOT / name).is_file()]


def _allowed(name: str) -> bool:
    """Docker's rule: the last pattern that matches the path or one of its folders decides."""
    allowed = True
    for line in IGNORE.read_text(encoding="utf-8").splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#") and _matches(pattern.lstrip("!"), name):
            allowed = pattern.startswith("!")
    return allowed


def _matches(pattern: str, name: str) -> bool:
    parts = name.split("/")
    if pattern.startswith("**/"):
        return any(fnmatch.fnmatchcase(part, pattern[3:]) for part in parts)
    depth = pattern.count("/") + 1
    return len(parts) >= depth and all(map(fnmatch.fnmatchcase, parts, pattern.split("/")))


def build(folder: Path) -> None:
    """Make `folder`/app and `folder`/packages as the image has them: the code, and what is locked and nothing else."""
    for path in allowed_in():
        target = folder / "app" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, target)
    packages = folder / "packages"
    packages.mkdir()
    for name in re.findall(r"^([a-z0-9-]+)==", (DEPLOY / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE):
        _install(name, packages)
    _read_only(folder)


def _install(name: str, packages: Path) -> None:
    """Link what an installed distribution consists of; a package of several distributions is linked once."""
    distribution = importlib.metadata.distribution(canonicalize_name(name))
    place = Path(str(distribution.locate_file("")))
    for top in {path.parts[0] for path in distribution.files or () if path.parts[0] not in ("..", "__pycache__")}:
        if not (packages / top).exists():
            (packages / top).symlink_to(place / top)


def _read_only(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444)
