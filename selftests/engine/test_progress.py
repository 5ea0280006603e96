"""While answers are awaited a terminal says which, and a Job's log says so now and then, calmly."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.model.redaction import Redactor
from fixtures.plugin import progress
from fixtures.plugin.interruption import INTERRUPTION, Interruption

ROOT = Path(__file__).parents[2]
SLOW = ("-m", "pytest", "-p", "no:cacheprovider", "--lab", "--lab-latency", "400", "-k", "OIDC-LOGIN", "-q")
WAITING = r"waiting for [a-z_]+(\[[^\]]+\])?: \d+ of \d+ questions answered"


def on_a_terminal(folder: Path, **environment: str) -> str:
    """What a run prints on a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    known = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, *SLOW, "--reports", str(folder)]
    known |= {"TERM": "xterm", "COLUMNS": "80", **environment}
    with subprocess.Popen(command, cwd=ROOT, env=known, stdout=theirs, stderr=theirs) as run:
        os.close(theirs)
        pieces = []
        # The end of a terminal whose other side is gone is an error on Linux.
        while piece := _read(ours):
            pieces.append(piece)
        assert run.wait(60) == 0
    os.close(ours)
    return b"".join(pieces).decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


def test_a_terminal_tells_what_is_awaited_and_takes_it_back(tmp_path):
    text = on_a_terminal(tmp_path)
    assert re.search(WAITING, text)
    # What a terminal shows in the end: everything between saving and restoring the cursor was written over.
    left = re.sub("\x1b7.*?\x1b8", "", text)
    assert "waiting for" not in left
    assert re.search(r"HEALTHY lab: \d+ passed", left)
    longest = max(len(shown) for shown in re.findall("\x1b7\x1b\\[K(.*?)\x1b8", text))
    assert longest < 80


def test_no_color_means_none(tmp_path):
    text = on_a_terminal(tmp_path, NO_COLOR="1")
    assert "HEALTHY" in text
    assert not re.search("\x1b\\[[0-9;]*m", text)


class Slow:
    """A scheduler that answers at the third look."""

    progress = (37, 1112)

    def __init__(self) -> None:
        self.looks = 0

    def answered(self, *_: object) -> bool:
        self.looks += 1
        return self.looks > 2


def test_a_log_gets_a_line_now_and_then(log, monkeypatch):
    monkeypatch.setattr(progress, "LOG_EVERY", 0.0)
    progress.told_while_awaited(log.config, Slow(), "login[grafana]")
    assert log.lines == ["waiting for login[grafana]: 37 of 1,112 questions answered"]
    assert not re.search(r"[\x00-\x1f]", "".join(log.lines))


def test_a_quick_answer_is_not_worth_a_word(log):
    progress.told_while_awaited(log.config, Slow(), "login[grafana]")
    assert log.lines == []


def test_a_stop_whose_exception_was_lost_is_followed(log):
    log.config.stash[INTERRUPTION] = Interruption("stopped by SIGTERM", 143)
    with pytest.raises(pytest.exit.Exception, match="SIGTERM") as ended:
        progress.told_while_awaited(log.config, Slow(), "login[grafana]")
    assert ended.value.returncode == 143


def test_it_passes_the_redactor(monkeypatch):
    own = Redactor()
    own.learn("grafana-canary-secret")
    monkeypatch.setattr(progress, "redactor", own)
    assert "canary" not in progress.said(Slow(), "login[grafana-canary-secret]")


@pytest.fixture
def log():
    """A configuration whose terminal is a Job's log."""

    class Log:
        isatty = False

        def __init__(self) -> None:
            self.lines: list[str] = []
            self.stash = pytest.Stash()
            self.config = self
            self.pluginmanager = self

        def get_plugin(self, name):
            return self if name == "terminalreporter" else None

        def ensure_newline(self):
            pass

        def write_line(self, line):
            self.lines.append(line)

    return Log()
