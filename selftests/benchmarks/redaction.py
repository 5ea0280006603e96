"""`python -m selftests.benchmarks.redaction`: what the redactor costs, now and at an older commit, as ratios.

Each row is 400 answers in a process of its own: every answer sets a cookie of random letters, which is learned, and 30
texts about it are cleaned. Nothing here passes or fails.
"""

from __future__ import annotations

import json
import random
import resource
import string
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple

from selftests.benchmarks.trees import OLD, ROOT, checkout

ANSWERS: Final = 400
LENGTHS: Final = (40, 400, 4000)
TEXT: Final = '{"issuer": "https://auth.example.org/application/o/grafana/", "scopes": ["openid", "profile"], "n": %d}'


class Cost(NamedTuple):
    """CPU time in seconds and memory in MB: what 400 answers took beyond a redactor that knows nothing."""

    seconds: float
    megabytes: float


def cost(tree: Path, length: int) -> Cost:
    """What the redactor in the checkout `tree` takes for cookies of `length` characters."""
    ran = subprocess.run(
        [sys.executable, "-m", "selftests.benchmarks.redaction", str(tree), str(length)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return Cost(*json.loads(ran.stdout))


def load(tree: str, length: int) -> None:
    """In a process of its own: the 400 answers. Prints the cost as JSON."""
    sys.path.insert(0, tree)
    where = "fixtures.model.redaction" if Path(tree, "fixtures/model/redaction.py").exists() else "fixtures.redaction"
    redactor = import_module(where).Redactor()
    some, letters = random.Random(1), string.ascii_letters + string.digits
    cookies = ["".join(some.choices(letters, k=length)) for _ in range(ANSWERS)]
    memory, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    for number, cookie in enumerate(cookies):
        redactor.learn(cookie)
        for text in range(30):
            redactor.clean(TEXT % (number + text))
    taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    print(json.dumps([time.process_time() - began, taken / 1024]))


def main() -> None:
    """Print a row for each length of cookie."""
    # Each piece was a string of its own then.
    with checkout() as old:
        for length in LENGTHS:
            before, now = cost(old, length), cost(ROOT, length)
            print(
                f"cookies of {length:>5,} characters: {now.seconds:5.2f} s, {now.megabytes:6.1f} MB; at {OLD} "
                f"{before.seconds:5.2f} s, {before.megabytes:6.1f} MB: "
                f"{now.seconds / before.seconds:.2f} x the time, {now.megabytes / before.megabytes:.2f} x the memory"
            )


if __name__ == "__main__":
    main() if len(sys.argv) < 2 else load(sys.argv[1], int(sys.argv[2]))
