"""The image as deploy/Dockerfile would build it, without a container engine: its files, its packages, its settings."""

import compileall
import fnmatch
import importlib.metadata
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from selftests.support.manifests import DEPLOY, ROOT

DOCKERFILE = DEPLOY / "Dockerfile"
BUILT_WITH = {"IMAGE": "registry.example/sso-conformance:test", "COMMIT": "4f2c1d0a9b8e"}
IGNORE = DEPLOY / "Dockerfile.dockerignore"
# A line of a requirements file, without the hashes below it.
LOCKED = re.compile(r"^([a-z0-9-]+)==(\S+) \\$")


def instruction(name: str) -> str:
    """The last instruction of that name, its continuation lines joined."""
    text = re.sub(r"\\\n\s*", "", DOCKERFILE.read_text(encoding="utf-8"))
    return re.findall(rf"^{name} (.+)$", text, re.MULTILINE)[-1]


def environment() -> dict[str, str]:
    """What the image's ENV sets, as `make image` builds it."""
    text = re.sub(r"\$\{(\w+)\}", lambda found: BUILT_WITH[found[1]], instruction("ENV"))
    return dict(pair.split("=", 1) for pair in shlex.split(text))


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
    """Make `folder` as the image is: app, the code; packages, what is locked and nothing else; and an interpreter."""
    for path in allowed_in():
        target = folder / "app" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, target)
    compileall.compile_dir(folder / "app", quiet=1)
    packages = folder / "packages"
    packages.mkdir()
    for name in re.findall(r"^([a-z0-9-]+)==", (DEPLOY / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE):
        _install(name, packages)
    for path in (folder, folder / "app", packages, *(folder / "app").rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)


def interpreter(folder: Path) -> list[str]:
    """The command of this Python without its site-packages, where any user can run it: copied, if it is at home."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    home, place = Path(sys.base_prefix), folder / "python"
    if all(path.stat().st_mode & 0o001 for path in (home, *home.parents)):
        return [str(home / "bin" / version), "-S"]
    if not place.exists():
        (place / "bin").mkdir(parents=True)
        _link(str(home / "bin" / version), str(place / "bin" / version))
        unused = shutil.ignore_patterns("site-packages", "test", "idlelib", "tkinter", "pkgconfig")
        shutil.copytree(home / "lib", place / "lib", copy_function=_link, ignore=unused)
    library = f"LD_LIBRARY_PATH={place / 'lib'}"
    return [shutil.which("env") or "/usr/bin/env", library, str(place / "bin" / version), "-S"]


def _install(name: str, packages: Path) -> None:
    """What an installed distribution consists of; a folder that several distributions share is taken once."""
    distribution = importlib.metadata.distribution(canonicalize_name(name))
    place = Path(str(distribution.locate_file("")))
    for top in {path.parts[0] for path in distribution.files or () if path.parts[0] not in ("..", "__pycache__")}:
        if (packages / top).exists():
            continue
        if (place / top).is_dir():
            shutil.copytree(place / top, packages / top, copy_function=_link)
        else:
            _link(str(place / top), str(packages / top))


def _link(source: str, target: str) -> str:
    """The same file under another name; a copy where that is not possible."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def locked() -> dict[str, str]:
    """The packages of the image, and their versions."""
    lines = (DEPLOY / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return {found[1]: found[2] for line in lines if (found := LOCKED.match(line))}


def needed(names: set[str]) -> set[str]:
    """These packages and all that they need on Linux, by what is installed here."""
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = canonicalize_name(pending.pop())
        if name not in found:
            found.add(name)
            texts = importlib.metadata.requires(name) or []
            requirements = [Requirement(text) for text in texts]
            environment = {"extra": "", "sys_platform": "linux", "python_version": "3.11"}
            pending += [r.name for r in requirements if r.marker is None or r.marker.evaluate(environment)]
    return found
