"""The door to Authentik's API: lists are whole or said not to be, and what is no API is told from one that refuses."""

import json

import pytest

from fixtures.doors.authentik import NOT_PERMITTED, ApiDoor
from fixtures.exchange.api_objects import PolicyBinding
from fixtures.model.limits import MOST_PAGES
from fixtures.model.secret import Secret
from fixtures.model.signals import Broken, NotVerified
from selftests.support.http_door import URL, door
from selftests.support.loopback import serving


def answer(content, status="200 OK", kind="application/json"):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def page(results, *, following=0, count):
    return answer({"pagination": {"next": following, "count": count}, "results": results})


def entry(target):
    return {"enabled": True, "target": str(target)}


def users(port):
    api = ApiDoor(door(port)[0], URL, Secret("an-api-token-of-the-suite"))
    return api.list(PolicyBinding, "/core/users/", permission="authentik_core.view_user")


def test_a_list_is_read_to_its_end():
    with serving(page([entry(1)], following=2, count=2), page([entry(2)], count=2)) as (port, received):
        assert [binding.target for binding in users(port)] == ["1", "2"]
    assert [b"page=2" in request for request in received] == [False, True]


def test_a_part_is_not_the_list():
    with serving(page([entry(1)], count=2)) as (port, _), pytest.raises(Broken, match="1 of 2 entries"):
        users(port)


def test_a_list_that_shows_more_than_it_counts_is_no_list():
    with serving(page([entry(1), entry(2)], count=1)) as (port, _), pytest.raises(Broken, match=r"2 entries.*are 1"):
        users(port)


def test_an_entry_may_go_between_two_pages():
    pages = page([entry(1)], following=2, count=2), page([entry(2)], count=1)
    with serving(*pages) as (port, _):
        assert len(users(port)) == 2


def test_a_list_without_an_end_is_ended():
    pages = [page([entry(1)], following=number, count=1) for number in range(2, MOST_PAGES + 2)]
    with serving(*pages) as (port, received):
        with pytest.raises(Broken, match=f"more than {MOST_PAGES} pages"):
            users(port)
        assert len(received) == MOST_PAGES


@pytest.mark.parametrize(
    "body",
    [
        answer(b"<html>log in first</html>", kind="text/html"),
        answer([]),
        answer({"results": []}),
        answer({"pagination": {"next": "x", "count": 0}, "results": []}),
        answer({"pagination": {"next": float("inf"), "count": 0}, "results": []}),
        answer({"pagination": {"next": 0, "count": 0}, "results": None}),
    ],
)
def test_what_is_no_list_is_not_authentik(body):
    with serving(body) as (port, _), pytest.raises(Broken, match="not Authentik's API") as broken:
        users(port)
    assert "/api/v3/core/users/" in broken.value.remedy


def test_a_missing_permission_is_named():
    with (
        serving(answer({"detail": NOT_PERMITTED}, "403 Forbidden")) as (port, _),
        pytest.raises(NotVerified) as missing,
    ):
        users(port)
    assert "authentik_core.view_user" in missing.value.remedy


@pytest.mark.parametrize("following", [1, 2])
def test_pages_that_lead_in_a_circle_are_no_list(following):
    pages = page([entry(1)], following=2, count=9), page([entry(2)], following=following, count=9)
    with serving(*pages) as (port, received):
        with pytest.raises(Broken, match="its pages lead in a circle"):
            users(port)
        assert len(received) == 2
