"""TOTP codes: one for each login of a run."""

import pytest

from fixtures.login import codes
from fixtures.model.secret import Secret

STEP = 30.0


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> Secret:
    return Secret(f"JBSWY3DPEHPK3PXP{request.node.name}"[:60])


def test_a_code_is_taken_once(seed):
    assert codes.wait_for_own(seed, 100 * STEP + 5) == 0
    assert codes.wait_for_own(seed, 100 * STEP + 6) == pytest.approx(24.5)
    assert codes.wait_for_own(seed, 101 * STEP + 0.5) == 0
    assert codes.wait_for_own(seed, 101 * STEP + 0.6) > 0


def test_a_code_about_to_end_is_left(seed):
    assert codes.wait_for_own(seed, 101 * STEP - 0.4) == pytest.approx(0.9)
    assert codes.wait_for_own(seed, 101 * STEP + 0.5) == 0


def test_another_devices_codes_are_its_own(seed):
    other = Secret("KRSXG5CTMVRXEZLUotherdevice")
    assert codes.wait_for_own(seed, 200 * STEP) == 0
    assert codes.wait_for_own(other, 200 * STEP) == 0


def test_a_seed_is_known_to_be_right_by_what_was_accepted(seed):
    assert not codes.is_accepted(seed)
    codes.accept(seed)
    assert codes.is_accepted(seed)
