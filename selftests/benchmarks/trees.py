"""What benchmarks compare with: an older commit, checked out for as long as it is looked at."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
# As it was before size was anybody's concern.
OLD: Final = "c8ec6b9"


@contextmanager
def checkout(commit: str = OLD) -> Iterator[Path]:
    """A worktree of `commit`, which is removed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        git = ("git", "-C", str(ROOT), "worktree")
        subprocess.run([*git, "add", "--quiet", "--detach", str(tree), commit], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)
