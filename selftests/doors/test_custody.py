"""A credential of the estate file goes to the origin it belongs to, however it is sent, and nowhere else."""

import base64

import httpx
import pytest

from fixtures.doors.custody import in_clear
from fixtures.exchange.side_effects import Refused
from fixtures.model.secret import Secret
from selftests.support.http_door import door
from selftests.support.loopback import OK, serving

AUTHENTIK, GATE = "http://auth.example:9000/", "http://gated.example:9000/"
VALUE = "canary/with+odd characters-4e1b"


@pytest.fixture
def given():
    return Secret(VALUE, place="probe_user.password")


def jar(value):
    cookies = httpx.Cookies()
    cookies.set("kept", value, domain="gated.example")
    return cookies


WAYS = {
    "bearer": lambda secret: {"bearer": secret},
    "basic": lambda secret: {"basic": ("somebody", secret)},
    "header": lambda secret: {"headers": {"X-Any": secret.reveal()}},
    "cookie": lambda secret: {"cookies": jar(base64.b64encode(secret.reveal().encode()).decode())},
    "target": lambda secret: {"target": f"/a?p={httpx.QueryParams(p=secret.reveal())}".encode()},
    "in words": lambda secret: {"headers": {"X-Any": f"a:{secret.reveal()},b"}},
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_credential_does_not_leave(given, way):
    with serving(OK) as (port, received):
        asking, _, _ = door(port, "session")
        with pytest.raises(Refused, match=r"would go to http://gated\.example:9000") as refused:
            asking.get(GATE, **way(given))
    assert not received
    assert VALUE not in str(refused.value)


def test_bodies_are_searched_too(given):
    with serving(OK) as (port, received):
        asking, _, _ = door(port, "write", allow_writes=True)
        for body in ({"form": {"password": given.reveal()}}, {"json": {"password": given.reveal()}}):
            with pytest.raises(Refused, match="does not belong"):
                asking.request("POST", GATE, **body)
    assert not received


def test_at_home_it_is_sent(given):
    with serving(OK) as (port, received):
        assert door(port)[0].get(AUTHENTIK, bearer=given).status == 200
    assert received


def test_only_the_app_password_is_shown_to_a_gate():
    shown = Secret("an-app-password-8d20", place="service_account.app_password")
    with serving(OK) as (port, received):
        assert door(port, "session")[0].get(GATE, basic=("svc", shown)).status == 200
    assert received


def test_what_is_a_users_password_as_well_is_not_shown_to_a_gate():
    shown = Secret("one-value-twice-5f02", place="service_account.app_password")
    Secret("one-value-twice-5f02", place="probe_user.password")
    with serving(OK) as (port, received), pytest.raises(Refused):
        door(port, "session")[0].get(GATE, basic=("svc", shown))
    assert not received


def test_what_the_estate_did_not_give_is_nobodys_business():
    with serving(OK) as (port, _):
        assert door(port, "session")[0].get(GATE, bearer=Secret("made-by-this-run-77c1")).status == 200


def test_plain_http_is_named():
    with serving(OK) as (port, _):
        assert in_clear(door(port)[2].estate) == ("http://auth.example:9000",)


@pytest.mark.parametrize(
    "sent",
    [
        "canary/with+odd characters",
        "canary/with+odd",
        base64.b64encode(b"sid=1;client=canary/with+odd;x").decode(),
        "canary%2Fwith%2Bodd",
    ],
)
def test_what_a_credential_only_begins_with_is_no_credential(given, sent):
    """Client ids and client secrets may share their first letters, and cookies hold ids in Base64."""
    assert given
    with serving(OK) as (port, received):
        assert door(port, "session")[0].get(GATE, headers={"X-Any": sent}).status == 200
    assert received


def test_a_short_credential_is_found_in_basic_and_alone_but_not_in_other_words():
    Secret("tiny1", place="probe_user.password")
    with serving(OK) as (port, _):
        asking, _, _ = door(port, "session")
        with pytest.raises(Refused):
            asking.get(GATE, basic=("somebody", Secret("tiny1")))
        with pytest.raises(Refused):
            asking.get(f"{GATE}?p=tiny1")
        assert asking.get(GATE, headers={"X-Any": "destiny1234"}).status == 200
