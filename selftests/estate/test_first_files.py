"""The two small files that docs/ESTATE.md begins with, and the lines that say where their values are found: judged and
typed against the lab."""

import re
import sys

import pytest

from fixtures.estate.reference import _INTRODUCTION
from selftests.support.lab_process import ROOT, in_shell, running_lab, tool

TEXT = _INTRODUCTION.read_text(encoding="utf-8")
FILES = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
# A row of a table: the key, and the lines in its cell.
ROWS = re.findall(r"^\| `([\w.]+)`.*? \| (.*) \|$", TEXT, re.MULTILINE)
LINES = [
    (key, line.replace("\\|", "|")) for key, cell in ROWS for line in re.findall(r"`((?:kubectl|curl) [^`]+)`", cell)
]
# The names of somebody's estate, and the lab's.
LAB = {
    "http://authentik-server.authentik.svc": "http://192.168.55.211:9000",
    "example.org": "frank.derio.net",
    'context = "mine"': 'context = "lab-suite"',
    "monitoring/deployment/grafana": "grafana/deployment/grafana",
    "authentik/authentik": "traefik-system/authentik-forwardauth",
}
SHOWN = {
    "authentik.url": "192.168.55.211",
    "authentik.public_url": "auth.frank.derio.net",
    "cluster.context": "lab-suite",
    "oidc.slug": "https://grafana.frank.derio.net/login/generic_oauth",
    "oidc.workload": "grafana",
    "forward_auth.url": "longhorn.frank.derio.net",
    "forward_auth.middleware": "authentik-forwardauth",
}


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state") / "lab"
    with running_lab(folder):
        yield folder


def test_there_are_both_and_their_lines():
    assert [len(text.splitlines()) for text in FILES] == [5, 20]
    assert {key for key, _ in LINES} == set(SHOWN)


@pytest.mark.parametrize(("text", "passed"), [(FILES[0], 30), (FILES[1], 100)], ids=["four-keys", "twenty-lines"])
def test_it_is_worth_running(state, text, passed):
    for theirs, ours in LAB.items():
        text = text.replace(theirs, ours)
    file = state / "mine.toml"
    file.write_text(text + (state / "network.toml").read_text(encoding="utf-8"), encoding="utf-8")
    line = f"cd {ROOT}; {sys.executable} -m pytest -p no:cacheprovider --estate {file} --reports {state / 'reports'}"
    ran = in_shell(state, line)
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    verdict = ran.stdout.rstrip().splitlines()[-1]
    found = re.match(r"PARTIAL mine: (\d+) passed, 0 failed, 0 blocked, ", verdict)
    assert found, verdict
    assert int(found[1]) >= passed


@pytest.mark.parametrize(("key", "line"), LINES, ids=[key for key, _ in LINES])
def test_a_value_is_found_where_the_docs_say(state, key, line):
    for name in re.findall(r"\b(?:kubectl|curl|jq)\b", line):
        tool(name)
    ran = in_shell(state, f"URL={LAB['http://authentik-server.authentik.svc']}\nset -o pipefail\n{line}")
    assert ran.returncode == 0, ran.stderr
    assert SHOWN[key] in ran.stdout
