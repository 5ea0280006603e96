"""Estate files that leave one thing out, made from a whole one."""

import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, Final

import tomli_w

from fixtures.estate.loading import parse_estate
from fixtures.model.errors import EstateError
from lab.files import ESTATE_TEXT
from lab.lab import Lab
from selftests.support.suite_runs import SuiteRun, forked, run_here

Tables = dict[str, Any]
WHOLE: Final = tomllib.loads(ESTATE_TEXT.read_text(encoding="utf-8"))
# Left out, these say something else of the lab than is so, by the default that docs/ESTATE.md names: what is red then
# tells the key to write. A word of that message.
SAYS_OTHERWISE: Final = {
    "users.active": "active",
    "service_account.applications": "applications",
    "forward_auth.skip_paths": "skip_paths",
}


def key_paths(table: Mapping[str, Any], place: str = "") -> Iterator[str]:
    """Every key of an estate file, as `oidc.secret.key`; those of a list of tables once for the whole list."""
    for key, value in table.items():
        path = f"{place}.{key}" if place else key
        yield path
        entries = value if isinstance(value, list) else [value]
        below = dict.fromkeys(found for entry in entries if isinstance(entry, dict) for found in key_paths(entry, path))
        yield from below


def without(tables: Mapping[str, Any], path: str) -> Tables:
    """The same tables without that key; in a list of tables, without it in each of them."""
    changed = deepcopy(dict(tables))
    _remove(changed, path)
    return changed


def _remove(found: Any, path: str) -> None:
    key, _, rest = path.partition(".")
    for entry in found if isinstance(found, list) else [found]:
        if rest and isinstance(entry, dict) and key in entry:
            _remove(entry[key], rest)
        elif not rest and isinstance(entry, dict):
            entry.pop(key, None)


def refused(tables: Tables) -> str:
    """Why such a file is refused before anything is sent; empty when it is read."""
    try:
        parse_estate(tables, place="estate.toml", folder=ESTATE_TEXT.parent)
    except EstateError as error:
        return str(error)
    return ""


@cache
def refusals() -> dict[str, str]:
    """Why the lab's estate file is refused without each of its keys; empty where it is read."""
    return {path: refused(without(WHOLE, path)) for path in key_paths(WHOLE)}


def run_described(described: Tables, *faults: str) -> SuiteRun:
    """A run against a lab of its own, whose estate file says no more than `described`; in a process of its own."""
    return forked(_run_here, described, *faults)


def _run_here(described: Tables, *faults: str) -> SuiteRun:
    with tempfile.TemporaryDirectory() as name, Lab(faults=faults) as lab:
        whole = tomllib.loads(lab.write_state(Path(name)).read_text(encoding="utf-8"))
        file = Path(name) / "left-out.toml"
        reached = {table: whole[table] for table in ("network", "cluster")}
        file.write_text(tomli_w.dumps(described | reached), encoding="utf-8")
        return run_here("--estate", str(file), environment=lab.environment)
