"""What an estate file still asks a person is read from its comments, and told until it is settled."""

from dataclasses import replace

import pytest

from fixtures.estate.decisions import decisions_in
from fixtures.estate.loading import load_estate
from fixtures.reports import html, json_report, terminal
from selftests.support.sample_results import healthy

WHOLE = '[authentik]\nurl = "https://auth.example.org"\npublic_url = "https://auth.example.org"\n'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# DECIDE which?\nname = 1\n    # DECIDE: the other\n", ("line 1: which?", "line 3: the other")),
        ("#DECIDE\r\n", ("line 1: ",)),
        ('# a word of DECIDE\nname = "# DECIDE no"  # DECIDED\n', ()),
        ("", ()),
    ],
)
def test_each_has_its_line(text, found):
    assert decisions_in(text) == found


def test_a_file_has_its_own_and_one_without_them_has_none(tmp_path):
    path = tmp_path / "estate.toml"
    path.write_text(f'# DECIDE who?\nname = "a"\n{WHOLE}')
    assert load_estate(path).undecided == ("line 1: who?",)
    path.write_text(f'name = "a"\n{WHOLE}')
    assert load_estate(path).undecided == ()


def test_every_report_tells_them_and_none_where_nothing_is_asked():
    asked = tuple(f"line {number}: <b>who?</b>" for number in range(1, 8))
    settled = healthy()
    open_ = replace(settled, undecided=asked)
    assert json_report.dumps(open_).count("<b>who?</b>") == 7
    lines = list(terminal.lines(open_))
    assert "the estate file leaves 7 decisions open (# DECIDE), and is judged as it stands:" in lines
    assert [line for line in lines if "who?" in line] == [f"  - {each}" for each in asked[:5]]
    assert "&lt;b&gt;who?&lt;/b&gt;" in html.render(open_)
    assert not [line for line in terminal.lines(settled) if "DECIDE" in line]
    assert "DECIDE" not in html.render(settled)
    assert ("7 to decide" in open_.line("x"), "to decide" in settled.line("x")) == (True, False)
