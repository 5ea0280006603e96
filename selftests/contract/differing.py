"""The exchanges that differ with a reason, and what an outcome of the replay says about that list."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Difference:
    """One place of an answer (`status`, `header allow`, `json.results[].pk`), and the two sides of it."""

    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


@dataclass(frozen=True)
class Listed:
    """Exchanges that differ for one reason; `at` are the places where they do, and they do in each of them.

    Without `at` nothing in the lab answers the question at all, because no check asks it.
    """

    exchanges: tuple[str, ...]
    reason: str
    at: tuple[str, ...] = ()


@dataclass
class Outcome:
    """What the replay under one naming came to: differences by exchange, and what nobody could be asked."""

    compared: dict[str, list[Difference]] = field(default_factory=dict)
    unasked: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """Every exchange that was replayed."""
        return {*self.compared, *self.unasked}


def load(release: str) -> list[Listed]:
    """The list of a release. Raises ValueError for an entry without a reason."""
    path = FOLDER / f"differences-{release}.toml"
    data = tomllib.loads(path.read_text())
    found = []
    for kind, places in (("differs", True), ("no_counterpart", False)):
        for entry in data.get(kind, []):
            if not entry["reason"].strip() or places != bool(entry.get("at")):
                raise ValueError(f"{path.name}: {kind} {entry['exchanges']}: a reason, and for differs the places")
            found.append(Listed(tuple(entry["exchanges"]), entry["reason"], tuple(entry.get("at", ()))))
    return found


def by_exchange(listed: list[Listed], names: set[str]) -> dict[str, Listed]:
    """Exchange name -> its entry. Raises ValueError for an entry that means no exchange, or one that has two."""
    found: dict[str, Listed] = {}
    for entry in listed:
        for pattern in entry.exchanges:
            meant = [name for name in names if fnmatchcase(name, pattern)]
            if not meant or found.keys() & meant:
                raise ValueError(
                    f"the list of differences: {pattern} means {'an exchange twice' if meant else 'no exchange'}"
                )
            found |= dict.fromkeys(meant, entry)
    return found


def complaints(outcome: Outcome, listed: list[Listed]) -> list[str]:
    """What is wrong: differences that the list does not know, and entries that no longer hold."""
    known = by_exchange(listed, outcome.names)
    said = [
        f"{name}: {why}, and the list does not say so" for name, why in outcome.unasked.items() if name not in known
    ]
    for name, differences in outcome.compared.items():
        entry = known.get(name)
        if entry is not None and not differences:
            said.append(f"{name} no longer differs: delete it from the list")
        elif entry is None or entry.at:
            said += _beyond(name, differences, entry.at if entry else ())
    return said


def _beyond(name: str, differences: list[Difference], places: tuple[str, ...]) -> list[str]:
    unknown = [f"{name}: {found}" for found in differences if not any(fnmatchcase(found.where, at) for at in places)]
    healed = [at for at in places if not any(fnmatchcase(found.where, at) for found in differences)]
    return unknown + [f"{name} no longer differs at {at}: delete it from the list" for at in healed]


@dataclass(frozen=True)
class Figures:
    """How many exchanges were replayed, answered equally, listed as different, and have no counterpart."""

    compared: int
    equal: int
    listed: int
    without: int

    @property
    def share(self) -> float:
        """The share of equal answers among those to questions that the suite asks."""
        return self.equal / max(self.equal + self.listed, 1)


def figures(outcome: Outcome, listed: list[Listed], folder: str = "") -> Figures:
    """The figures of all folders, or of one."""
    known = by_exchange(listed, outcome.names)
    names = {name for name in outcome.names if name.startswith(f"{folder}/" if folder else "")}
    differing = {name for name in names if name in outcome.unasked or outcome.compared[name]}
    without = {name for name in differing if name in known and not known[name].at}
    return Figures(len(names - without), len(names - differing), len(differing - without), len(without))
