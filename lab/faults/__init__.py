"""Named, documented ways to break the lab's world; each module declares some of one area with `fault`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Final

from lab.registry import Change, Registry


@dataclass(eq=False, kw_only=True)
class Fault(Change):
    """One way to break the world, and what a suite has to say about it.

    `known_from` is the recording, fact or incident that shows it. `turns_red` are the check ids (or "ID[case]") that
    must fail or warn by their own assertion, and nothing else may; `warns` where all of them only warn, so that the
    verdict is DEGRADED and the exit code 0. `root` is the check that the verdict has to name first (by default the
    first of them), `other_roots` those named as causes of their own, too. `blocks` is what cannot be judged meanwhile:
    ids or their beginnings ("OIDC-CODE"), cases ("[grafana]"), or both ("OIDC-PROV[grafana]"). `options` are what a
    suite must be given to see it.
    """

    registry: ClassVar = Registry["Fault"](__name__)

    known_from: str
    turns_red: tuple[str, ...]
    root: str = ""
    warns: bool = False
    options: tuple[str, ...] = ()
    other_roots: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.root = self.root or self.turns_red[0].partition("[")[0]

    @property
    def made_for(self) -> dict[str, str]:
        """What its options say of the lab, as `Lab` takes it."""
        named = {"--lab-shape": "shape", "--lab-authentik": "authentik"}
        return {named[option]: value for option, value in pairwise(self.options) if option in named}


fault: Final = Fault
load: Final = Fault.registry.load
