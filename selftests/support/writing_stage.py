"""A lab that allows writes, and runs against it that end in every way."""

import re
import time

import pytest

from lab.authentik.accounts import Token, User
from lab.lab import Lab
from selftests.support.lab_state import changes, state_of, still_open
from selftests.support.started_runs import SECONDS, started
from selftests.support.suite_runs import run_suite

MADE = "sso-conformance-run-"
WRITES = ("--allow-writes", "-k", "WRITE or OIDC-TOKEN-05")
MACHINE = "ak-ArgoCD-client_credentials"
SYNCED = ("externalsecrets", "argocd", "argocd-oidc")


class Stage:
    """A lab that allows writes, in which an operator's token and a machine's user are in use."""

    def __init__(self, lab, folder):
        self.lab, self.folder, self.world = lab, folder, lab.world
        self.estate = lab.write_state(folder)
        self.environment = dict(lab.environment)
        directory = self.world.authentik.directory
        directory.tokens["api-ops"] = Token("api-ops", 4, "the operators' own key, in use")
        directory.add_user(User(77, MACHINE, "a machine", self.world.clock.now()))
        self.remember()

    def remember(self):
        """Take the lab as it is now for how it was before."""
        self.before = state_of(self.world)
        self.known = set(self._names())

    def changed(self):
        """What is not as it was before, though nothing that a run leaves by right."""
        return changes(self.before, state_of(self.world))

    @property
    def left_open(self):
        """What a login opened and nobody closed."""
        return list(still_open(self.world))

    def edit(self, old, new):
        """Change the estate file, in which `old` stands once."""
        text = self.estate.read_text()
        assert text.count(old) == 1
        self.estate.write_text(text.replace(old, new))

    @property
    def made(self):
        """The names of what runs have made and not removed yet."""
        return set(self._names()) - self.known

    def _names(self):
        directory = self.world.authentik.directory
        yield from (user.username for user in list(directory.users.values()))
        yield from list(directory.tokens)
        if "sso-conformance/force-sync" in (self.world.cluster.get(*SYNCED)["metadata"].get("annotations") or ()):
            yield "annotation"

    def run(self, *arguments):
        """A whole run."""
        return run_suite("--estate", str(self.estate), *(arguments or WRITES), environment=self.environment)

    def stopped(self, number, what, *arguments):
        """A run that gets a signal as soon as there is something whose name matches `what` (or it is true); its exit
        code and text."""
        reached = what if callable(what) else lambda: any(re.search(what, name) for name in self.made)
        given = (f"--reports={self.folder}/reports", "--estate", str(self.estate), *(arguments or WRITES))
        with started(self.folder, *given, environment=self.environment) as run:
            ends = time.monotonic() + SECONDS
            while not reached():
                assert time.monotonic() < ends, run.stdout + run.stderr
                assert run.code is None, run.stdout + run.stderr
                time.sleep(0.005)
            run.send_signal(number)
            return run.wait(), run.stdout + run.stderr


@pytest.fixture
def stage(tmp_path):
    """The stage of a test of its own."""
    with Lab(allow_writes=True) as lab:
        yield Stage(lab, tmp_path)
