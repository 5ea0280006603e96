"""A world without sockets, and who asks its Authentik."""

import pytest

from lab.world import World
from selftests.support.authentik_api import Client
from selftests.support.authentik_server import Browser


@pytest.fixture
def world():
    return World()


@pytest.fixture
def browser(world):
    """Somebody's browser at Authentik's core."""
    return Browser(world)


@pytest.fixture
def suite(world):
    """The API by the suite's token."""
    return Client(world, world.secrets.api_token)


@pytest.fixture
def admin(world):
    """The API by akadmin's."""
    return Client(world, world.secrets.bootstrap_token)
