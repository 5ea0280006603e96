"""Refuses a Python that cannot run the lab, in one sentence: imported first, before what would fail there."""

import sys
from importlib.util import find_spec

_NEEDED = ("starlette", "tomli_w", "trustme", "uvicorn", "yaml")


def _refuse_another_python() -> None:
    old = sys.version_info < (3, 11)
    lacking = [] if old else [name for name in _NEEDED if find_spec(name) is None]
    if old or lacking:
        why = "is older than 3.11" if old else f"has no {lacking[0]}"
        sys.stderr.write(f"lab: {sys.executable} {why}: type `make lab` once, then `. .venv/bin/activate`\n")
        raise SystemExit(4)


_refuse_another_python()
