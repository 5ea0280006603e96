"""`pytest --lab`: starts the lab, writes an estate file for it, and names that file as if it had been typed.

This is all the suite and the lab know of each other.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from lab.apart import Apart, NotStarted

if TYPE_CHECKING:
    from lab.lab import Lab

LAB: Final[pytest.StashKey[Lab]] = pytest.StashKey()
"""The Lab of this run, in `config.stash`; absent without `--lab`, and where it has a process of its own."""

# Asked for these, pytest shows something and ends: no estate is needed.
_ANSWERED_BY_PYTEST: Final = ("help", "version", "markers")
# Asked for these, it collects, but asks nothing of the estate.
_SENDS_NOTHING: Final = (
    "collectonly",
    "setuponly",
    "setupplan",
    "showfixtures",
    "show_fixtures_per_test",
    "catalogue",
    "explain",
)
_APART: Final[pytest.StashKey[Apart]] = pytest.StashKey()
# By what it was asked for, the lab of the pytest that runs: it may start itself again, in this process, with the same
# options (where it did not find the checkout's settings), and a second lab would be as much work as the first.
_begun: dict[str, Apart] = {}
# The machine's own authorities have signed nothing in a lab, and reading all of them takes 20 ms.
_NO_OTHER_AUTHORITIES: Final = {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}


def pytest_addoption(parser: pytest.Parser) -> None:
    """The lab's options."""
    group = parser.getgroup("lab", "the embedded lab")
    group.addoption("--lab", action="store_true", help="start the lab and run against it")
    group.addoption(
        "--lab-fault",
        action="append",
        default=[],
        metavar="NAME",
        help="break the lab by this fault (may be given again); `python -m lab faults` lists them",
    )
    group.addoption(
        "--lab-shape",
        metavar="NAME",
        help="a healthy estate that differs from the runbook's; `python -m lab shapes` lists them",
    )
    group.addoption(
        "--lab-authentik", metavar="VERSION", help="the release of Authentik: 2026.5 (the default) or 2026.8"
    )
    group.addoption("--lab-latency", type=float, metavar="MILLISECONDS", help="delay each of the lab's answers")
    group.addoption(
        "--lab-applications",
        type=int,
        metavar="N",
        help="give the lab N more OIDC and N more gated applications",
    )


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, int | pytest.ExitCode | None, Any]:
    """Begin to start a lab of many applications: it has as much to do as the suite, and does it beside its imports."""
    if config.option.lab and config.option.lab_applications and not _sends_nothing(config):
        config.stash[_APART] = _apart(config)
    return (yield)


def _apart(config: pytest.Config) -> Apart:
    """One that begins to start, and serves until this run ends; or that of the run which started this one."""
    how = _how(config)
    asked = json.dumps(how)
    if asked not in _begun:
        _begun[asked] = apart = Apart(_folder(config), how)
        config.add_cleanup(apart.stop)
        config.add_cleanup(_begun.clear)
    return _begun[asked]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the lab, if it is asked for, before anybody reads which estate is meant."""
    if any(config.getoption(name, False) for name in _ANSWERED_BY_PYTEST):
        return
    _refuse_contradictions(config)
    if config.getoption("lab"):
        _start(config)


def _sends_nothing(config: pytest.Config) -> bool:
    return any(getattr(config.option, name, None) for name in (*_ANSWERED_BY_PYTEST, *_SENDS_NOTHING))


def _refuse_contradictions(config: pytest.Config) -> None:
    option = config.option
    if not option.lab:
        given = {
            "--lab-fault": bool(option.lab_fault),
            "--lab-shape": option.lab_shape is not None,
            "--lab-authentik": option.lab_authentik is not None,
            "--lab-latency": option.lab_latency is not None,
            "--lab-applications": option.lab_applications is not None,
        }
        for name in (name for name, was_given in given.items() if was_given):
            raise pytest.UsageError(f"{name} changes the lab, which is not asked for; add --lab")
    elif getattr(option, "estate", None):
        raise pytest.UsageError("--lab brings an estate file of its own; give either --lab or --estate")


def _start(config: pytest.Config) -> None:
    _export(config, _NO_OTHER_AUTHORITIES)
    apart = config.stash.get(_APART, None)
    try:
        if apart is not None:
            _await(config, apart)
        else:
            _start_here(config)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "lab":
            raise
        raise pytest.UsageError(
            f"the lab needs the package {error.name}, which is not installed; run: pip install '.[lab]'"
        ) from None


def _folder(config: pytest.Config) -> Path:
    """For the lab's state, until the run ends."""
    folder = Path(tempfile.mkdtemp(prefix="sso-lab-"))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    return folder


def _await(config: pytest.Config, apart: Apart) -> None:
    try:
        estate, environment = apart.served()
    except NotStarted as error:
        raise pytest.UsageError(f"--lab: {error}") from None
    _export(config, environment)
    config.option.estate = str(estate)


def _start_here(config: pytest.Config) -> None:
    from lab import lab as here  # noqa: PLC0415 - only --lab needs the lab's packages

    try:
        lab = here.Lab(**_how(config))
    except here.LabError as error:
        raise pytest.UsageError(f"--lab: {error}") from None
    if not _sends_nothing(config):
        config.add_cleanup(lab.stop)
        lab.start()
    _export(config, lab.environment)
    config.option.estate = str(lab.write_state(_folder(config)))
    config.stash[LAB] = lab


def _how(config: pytest.Config) -> dict[str, Any]:
    """What Lab takes, by these options."""
    option = config.option
    given = {"shape": option.lab_shape, "authentik": option.lab_authentik}
    return {
        "extra_applications": option.lab_applications or 0,
        "latency": (option.lab_latency or 0) / 1000,
        "faults": option.lab_fault,
        "allow_writes": bool(getattr(option, "allow_writes", False)),
        **{name: value for name, value in given.items() if value is not None},
    }


def _export(config: pytest.Config, variables: Mapping[str, str]) -> None:
    """Set these environment variables until the run ends."""
    before = {name: os.environ.get(name) for name in variables}

    def restore() -> None:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    config.add_cleanup(restore)
    os.environ.update(variables)
