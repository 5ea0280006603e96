"""Every kubectl and curl line of the runbook, typed as it stands, against `python -m lab`.

Only the lab's credentials are put in the runbook's place of a token, and -s or -o keep the output readable.
"""

import json
import re

import pytest

from fixtures.model.runbook import SECTIONS
from selftests.support.lab_process import in_shell, running_lab, tool
from selftests.support.runbook_lines import DIRECT, LINES, MINT


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """The state folder of a lab that serves."""
    folder = tmp_path_factory.mktemp("lab") / "state"
    with running_lab(folder):
        yield folder


@pytest.mark.parametrize(("section", "line", "expected"), LINES, ids=[f"{s}-{i}" for i, (s, _, _) in enumerate(LINES)])
def test_a_line_of_the_runbook_works_as_it_stands(state, section, line, expected):
    for name in re.findall(r"\b(?:kubectl|curl)\b", line):
        tool(name)
    ended = in_shell(state, line)
    assert ended.returncode == 0, ended.stderr
    assert expected in ended.stdout


def test_every_section_with_something_to_type_is_typed():
    told = {section for section, _, _ in LINES}
    # Three sentences about people who log in: selftests/plugin/test_suite.py has the checks that do.
    assert set(SECTIONS) - told == {"H2", "H3", "H4"}


def test_the_token_from_the_shell_opens_the_api(state):
    """S3 and S4 as one: the last line that the shell prints is the token."""
    for name in ("kubectl", "curl"):
        tool(name)
    asking = f'curl -s -H "Authorization: Bearer $(tail -n 1 <<<"$SHOWN")" {DIRECT}/api/v3/core/users/me/'
    ended = in_shell(state, f"SHOWN=$({MINT})\n{asking}")
    assert json.loads(ended.stdout)["user"]["username"] == "akadmin", ended.stderr


@pytest.mark.parametrize(
    ("name", "line", "expected"),
    [
        ("curl", f"CURL_HOME= curl -sS $CURL_LAB {DIRECT}/api/v3/root/config/", '"capabilities"'),
        ("kubectl", "kubectl --context lab-suite auth can-i list pods -n authentik", "yes"),
        ("kubectl", "kubectl --context lab-suite auth can-i create pods/exec -n authentik || true", "no"),
    ],
)
def test_what_env_sh_gives_besides(state, name, line, expected):
    tool(name)
    ended = in_shell(state, line)
    assert ended.returncode == 0, ended.stderr
    assert expected in ended.stdout
