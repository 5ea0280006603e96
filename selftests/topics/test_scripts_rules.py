"""The scripts for `ak shell`: run in the lab's shell, they do what they say, and to what the run made alone."""

import json

import pytest

from fixtures.doors.run import MADE
from fixtures.doors.shell import RESULT
from fixtures.topics.minting.scripts import STANDING, delete, mint
from lab.authentik.accounts import Token
from lab.cluster.shell import Shell
from lab.world import World

MINE = f"{MADE}0123-api"
STANDING_KEY = "a-standing-key-that-nobody-may-see"


@pytest.fixture
def world():
    """A world in which somebody has a standing token (runbook S3)."""
    world = World()
    tokens = world.authentik.directory.tokens
    tokens[STANDING] = Token(STANDING, 4, STANDING_KEY)
    return world


def run(world, script):
    """The result of a script; nothing else that it prints is a result."""
    shell = Shell(world)
    shell.run(script)
    (line,) = [line for line in "".join(shell.output).splitlines() if line.startswith(RESULT)]
    return json.loads(line.removeprefix(RESULT))


def test_a_token_is_minted_and_deleted_again(world):
    tokens = world.authentik.directory.tokens
    before = set(tokens)
    made = run(world, mint(MINE, "akadmin", 120.9, "process 1 on host"))
    assert made["owner"] is True
    assert made["key"] == tokens[MINE].key
    assert made["standing"] is True
    assert [row[:2] for row in made["made"]] == [[MINE, "process 1 on host"]]
    assert made["made"][0][2] == pytest.approx(-120, abs=5)
    gone = run(world, delete([MINE]))
    assert (gone["deleted"], gone["left"], gone["made"]) == ([MINE], 0, [])
    assert set(tokens) == before


def test_of_a_user_that_is_not_there_nothing_is_made(world):
    made = run(world, mint(MINE, "nobody-of-that-name", 60, "d"))
    assert made["owner"] is False
    assert "key" not in made
    assert MINE not in world.authentik.directory.tokens


def test_what_was_not_there_is_not_said_to_be_deleted(world):
    gone = run(world, delete([MINE]))
    assert (gone["deleted"], gone["left"]) == ([], 0)


@pytest.mark.parametrize("script", [mint(MINE, "akadmin", 60, "d"), delete([MINE])])
def test_the_standing_token_is_compared_and_never_shown(world, script):
    shell = Shell(world)
    shell.run(script)
    assert STANDING_KEY not in "".join(shell.output)
    assert world.authentik.directory.tokens[STANDING].key == STANDING_KEY


@pytest.mark.parametrize("name", ["o'brien", 'a"b', "back\\slash", "line\nbreak", "{braces}", "%s", "'); import os #"])
def test_a_name_is_a_name_whatever_is_in_it(world, name):
    """Names come from the estate file: none of them may become a part of the script."""
    script = mint(MINE, name, 60, name)
    compile(script, "script", "exec")
    assert run(world, script)["owner"] is False
