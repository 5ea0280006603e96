"""What the tests of the installation share."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.lab import Lab
from selftests.support.pods import Node


@pytest.fixture(scope="module")
def built(served_lab: Lab) -> Iterator[Node]:
    """A node with the image; what is installed there is the tests' own."""
    # Not pytest's own folder: the image's user could not look into it.
    folder = Path(tempfile.mkdtemp(prefix="sso-node-"))
    yield Node(folder, served_lab)
    shutil.rmtree(folder)
