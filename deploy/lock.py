"""`python deploy/lock.py`: every wheel of the image with its hash, for both architectures, in deploy/requirements.txt;
and what its variant with a browser has besides, in deploy/requirements-browser.txt.

Versions are constraints.txt's; what is locked is what pyproject.toml's [project] dependencies, or the extra, need.
pip then refuses any other file, and has no source distribution to run code from.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
TARGET: Final = ROOT / "deploy" / "requirements.txt"
BROWSER: Final = ROOT / "deploy" / "requirements-browser.txt"
PYTHON: Final = "3.11"
ARCHITECTURES: Final = ("x86_64", "aarch64")
GLIBC: Final = ("manylinux1", "manylinux2014", "manylinux_2_17", "manylinux_2_26", "manylinux_2_28", "manylinux_2_34")
_HEAD: Final = """\
# Made by `python deploy/lock.py` from pyproject.toml and constraints.txt; do not edit.
# CPython {python} wheels for linux/amd64 and linux/arm64: pip install --require-hashes --only-binary=:all: -r …
"""


def main() -> None:
    """Lock the image, and its variant."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    _lock(TARGET, project["dependencies"])
    _lock(BROWSER, project["optional-dependencies"]["browser"])


def _lock(target: Path, wanted: list[str]) -> None:
    """Download both architectures' wheels and write their hashes, sorted by name."""
    hashes: dict[str, set[str]] = defaultdict(set)
    with tempfile.TemporaryDirectory() as folder:
        for architecture in ARCHITECTURES:
            place = Path(folder) / architecture
            _download(architecture, place, wanted)
            for wheel in place.iterdir():
                name, version = wheel.name.split("-")[:2]
                pinned = f"{name.replace('_', '-').lower()}=={version}"
                hashes[pinned].add(hashlib.sha256(wheel.read_bytes()).hexdigest())
    blocks = [
        " \\\n".join([pinned, *(f"    --hash=sha256:{value}" for value in sorted(values))])
        for pinned, values in sorted(hashes.items())
    ]
    target.write_text(_HEAD.format(python=PYTHON) + "\n".join(blocks) + "\n", encoding="utf-8")


def _download(architecture: str, place: Path, wanted: list[str]) -> None:
    platforms = [part for glibc in GLIBC for part in ("--platform", f"{glibc}_{architecture}")]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:", "--dest", str(place)]
    command += ["--python-version", PYTHON, "--constraint", str(ROOT / "constraints.txt"), *platforms, *wanted]
    subprocess.run(command, check=True)  # noqa: S603  # pip, with this project's own files


if __name__ == "__main__":
    main()
