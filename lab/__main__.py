"""The lab for people: `python -m lab`, and from another terminal `python -m lab fault NAME` or `heal`."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import textwrap
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NoReturn

import lab.own_python  # noqa: F401  # the first
from lab import faults, names, shapes, variants
from lab.authentik.releases import DEFAULT, RELEASES
from lab.control import FILE, Control, Remote
from lab.lab import Lab, LabError
from lab.registry import Change
from lab.shapes import RUNBOOK

STATE: Final = Path(".lab")
BAD_INPUT: Final = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the process's exit code."""
    given = _parser().parse_args(arguments)
    state: Path = given.state
    try:
        match given.command:
            case "faults":
                _list(faults.load())
            case "variants":
                _list(variants.load())
            case "shapes":
                _list(shapes.load())
            case "fault":
                Remote.of(state).fault(given.names)
                print(f"in force now: {', '.join(given.names)}")
            case "heal":
                Remote.of(state).heal()
                print("healed")
            case _:
                latency, extras = given.latency / 1000, given.applications
                how = {"shape": given.shape, "authentik": given.authentik, "allow_writes": given.allow_writes}
                _serve(state, Lab(extras, latency, given.fault, **how))
    except BrokenPipeError:
        # `| head` read as much as it wanted; what Python would still flush at its end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return BAD_INPUT
    return 0


class _Parser(argparse.ArgumentParser):
    """What it complains of is one sentence."""

    def error(self, message: str) -> NoReturn:
        """What argparse has to complain of."""
        self.exit(BAD_INPUT, f"lab: {message}; --help says what can be given\n")


def _folder(written: str) -> Path:
    """Where the state goes: never an empty name, which would be this folder. Raises ArgumentTypeError."""
    if not written.strip():
        raise argparse.ArgumentTypeError("is empty: name a folder, or leave it out")
    return Path(written)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m lab",
        description="An estate with single sign-on in one process, on loopback; break it as you like.",
    )
    _add_state(parser, str(STATE))
    parser.add_argument("--applications", type=int, default=0, metavar="N", help="extra applications of each kind")
    parser.add_argument("--latency", type=float, default=0, metavar="MS", help="added to every answer")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME", help="in force from the start")
    parser.add_argument("--allow-writes", action="store_true", help="the suite's ServiceAccount may write, too")
    releases = f"the release: {', '.join(RELEASES)}"
    parser.add_argument("--authentik", metavar="VERSION", default=DEFAULT, help=releases)
    parser.add_argument("--shape", metavar="NAME", default=RUNBOOK.name, help="another healthy estate")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    fault = commands.add_parser("fault", help="break the running lab")
    fault.add_argument("names", nargs="+", metavar="NAME")
    heal = commands.add_parser("heal", help="put the running lab back as it started")
    commands.add_parser("faults", help="list the faults")
    commands.add_parser("variants", help="list the harmless variants of faults, given as faults are")
    commands.add_parser("shapes", help="list the healthy estates that differ from the runbook's")
    for command in (fault, heal):
        # Suppressed, or the command's default would overwrite what stood before it.
        _add_state(command, argparse.SUPPRESS)
    return parser


def _add_state(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument(
        "--state", metavar="DIR", type=_folder, default=default, help=f"the state folder (default: {STATE})"
    )


def _list(entries: Mapping[str, Change]) -> None:
    for entry in entries.values():
        print(entry.name)
        print(textwrap.fill(entry.summary, 96, initial_indent="    ", subsequent_indent="    "))


def _serve(state: Path, lab: Lab) -> None:
    """Serve until SIGINT or SIGTERM."""
    _refuse_second(state)
    control = Control(lab)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with lab:
        try:
            estate = lab.write_state(state)
        except OSError as error:
            raise LabError(f"--state {state} cannot be written ({error.strerror}); name another folder") from None
        control.write(estate.parent)
        print(_usage(estate.parent, lab.connect_to[names.DIRECT_ADDRESS]), flush=True)
        try:
            stopped.wait()
        finally:
            (estate.parent / FILE).unlink(missing_ok=True)


def _refuse_second(state: Path) -> None:
    try:
        running = Remote.of(state)
    except LabError:
        return
    raise LabError(f"a lab is already running with its state in {state} (process {running.pid})")


def _usage(folder: Path, authentik: str) -> str:
    place = shlex.quote(str(folder))
    return f"""\
The lab serves; its state is in {folder}. Stop it with Ctrl-C. In another terminal:

  . {place}/env.sh        # the lab's tokens and passwords; kubectl, curl and pytest then find the lab
  pytest                  # or, without env.sh's SSO_ESTATE: pytest --estate {place}/estate.toml
  kubectl get pods -n authentik
  curl https://auth.frank.derio.net/-/health/live/ -i

Draft an estate file of it, as of a cluster that nobody has described, and judge it by that:

  . {place}/env.sh; unset SSO_ESTATE
  pytest --draft-estate --context lab-suite --authentik-url http://{authentik} > {place}/mine.toml
  cat {place}/network.toml >> {place}/mine.toml    # where the lab's names lead
  pytest --estate {place}/mine.toml --vantage inside
  pytest --draft-estate --estate {place}/mine.toml    # what has drifted since; nothing yet

Without env.sh:

  kubectl --kubeconfig {place}/kubeconfig get pods -n authentik
  curl -K {place}/.curlrc https://auth.frank.derio.net/-/health/live/ -i

Break it and mend it:

  python -m lab faults
  python -m lab fault NAME --state {place}
  python -m lab heal --state {place}
"""


if __name__ == "__main__":
    sys.exit(main())
