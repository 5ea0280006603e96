"""The lab's Authentik alone, and who asks its API."""

import pytest

from selftests.support.authentik_api import Client, OnlyAuthentik


@pytest.fixture
def world():
    return OnlyAuthentik()


@pytest.fixture
def suite(world):
    return Client(world, world.secrets.api_token)


@pytest.fixture
def admin(world):
    return Client(world, world.secrets.bootstrap_token)
