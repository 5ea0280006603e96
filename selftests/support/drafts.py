"""Drafts of a lab, made in this process, and the estate file a person would keep of one."""

import tomllib
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import tomli_w

from fixtures.doors.context import RunContext
from fixtures.draft.findings import Draft
from fixtures.draft.given import Given
from fixtures.draft.joining import draft, drifted_alone
from fixtures.draft.writing import as_toml
from fixtures.estate.estate import Estate
from fixtures.estate.loading import load_estate
from fixtures.model.drift import Drift
from lab.authentik.releases import DEFAULT
from lab.files import ADMIN_CONTEXT, SUITE_CONTEXT
from lab.lab import Lab
from lab.shapes import RUNBOOK


@dataclass
class Drafting:
    """A lab that serves, its own estate file, and drafts of it."""

    lab: Lab
    folder: Path
    file: Path

    @property
    def estate(self) -> Estate:
        """What the lab's own estate file says."""
        return load_estate(self.file)

    @property
    def operators(self) -> dict[str, str]:
        """The credentials of whoever runs the estate: a superuser's token in the place of the suite's own."""
        return {**self.lab.environment, "AUTHENTIK_TOKEN": self.lab.environment["AUTHENTIK_WRITE_TOKEN"]}

    def draft(self, *, token: bool = True, cluster: bool = True, operator: bool = False) -> Draft:
        """The draft of what is given, with the suite's own rights or with an operator's."""
        estate, variables = self.estate, tuple(self.lab.environment)
        given = Given(
            authentik_url=estate.authentik.url if token else "",
            context=(ADMIN_CONTEXT if operator else SUITE_CONTEXT) if cluster else "",
            kubeconfig=self.folder / "kubeconfig" if cluster else None,
            variables=variables,
        )
        asked = given.estate().model_copy(update={"network": estate.network})
        with patch.dict("os.environ", self.operators if operator else self.lab.environment):
            return draft(RunContext(asked, "draft", vantage="outside", allow_writes=False), variables)

    def drift(self) -> Drift:
        """What differs between the lab and its estate file."""
        estate = self.estate
        context = RunContext(estate, "draft", vantage="outside", allow_writes=False)
        with patch.dict("os.environ", self.lab.environment):
            return drifted_alone(context, tuple(self.lab.environment))

    def kept(self, found: Draft | str) -> Path:
        """The draft as a file, with the ways to the lab's addresses that no estate of one's own has.

        One decision is a person's, and settled: the organisation of Infisical, which no interface tells. And whoever
        drafted it, the suite judges with its own rights.
        """
        network = self.estate.network.model_dump(mode="json", exclude_defaults=True)
        network["connect_to"] = self.lab.connect_to
        path = self.folder / "mine.toml"
        content = tomllib.loads(found if isinstance(found, str) else as_toml(found))
        slugs = {app.name: app.org_slug for app in self.estate.oidc if app.org_slug and app.configured}
        for app in content.get("oidc", ()):
            if app["name"] in slugs and app.pop("configured", None) is False:
                app["org_slug"] = slugs[app["name"]]
                del app["reason"]
        if "cluster" in content:
            content["cluster"]["context"] = SUITE_CONTEXT
        path.write_text(tomli_w.dumps(content | {"network": network}))
        return path


def arrangement_of(options: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    """The lab that a fault's options are for, as `drafting` takes it; and the suite's own options."""
    parser = ArgumentParser()
    parser.add_argument("--lab-shape", default=RUNBOOK.name)
    parser.add_argument("--lab-authentik", default=DEFAULT)
    given, others = parser.parse_known_args(options)
    writes = "--allow-writes" in others
    return {"shape": given.lab_shape, "authentik": given.lab_authentik, "allow_writes": writes}, others


@contextmanager
def drafting(
    folder: Path, *faults: str, shape: str = RUNBOOK.name, authentik: str = DEFAULT, allow_writes: bool = False
) -> Iterator[Drafting]:
    """A lab with these faults, ready to be looked at."""
    with Lab(shape=shape, faults=faults, authentik=authentik, allow_writes=allow_writes) as lab:
        yield Drafting(lab, folder, lab.write_state(folder))
