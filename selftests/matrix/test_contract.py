"""The lab answers as the recorded servers did, under the recorded names and under others."""

import json

import pytest

from lab.network import Answer
from selftests.contract import differing, estate, recordings
from selftests.contract.__main__ import table
from selftests.contract.comparing import Comparison
from selftests.contract.differing import Difference, Listed, Outcome
from selftests.contract.naming import OTHER, RECORDED
from selftests.contract.plan import replay
from selftests.contract.recordings import Recorded
from selftests.contract.replaying import Stage

MISSING = [release for release in recordings.SETS if recordings.folder(release) is None]
LEAST_SHARE = 0.95
FEWEST = {"2026.5": 600, "2026.8": 200}
needs_recordings = pytest.mark.skipif(bool(MISSING), reason=recordings.NOWHERE)


@pytest.fixture(scope="module", params=recordings.SETS)
def release(request):
    """The release of Authentik that was recorded."""
    return request.param


@pytest.fixture(scope="module", params=[RECORDED, OTHER], ids=["recorded-names", "other-names"])
def outcome(request, release):
    """Every recorded exchange of a release replayed under one naming."""
    return replay(recordings.load(release, request.param), request.param, release)


@needs_recordings
def test_the_lab_answers_as_recorded(outcome, release, capsys):
    listed = differing.load(release)
    with capsys.disabled():
        print("", *table(outcome, listed), sep="\n  ")
    assert not differing.complaints(outcome, listed)
    assert len(outcome.compared) > FEWEST[release]
    assert differing.figures(outcome, listed).share >= LEAST_SHARE


@needs_recordings
@pytest.mark.parametrize("name", ["oidc/discovery-argocd-plain", "forward-auth/traefik-unauth-browser", "api/users"])
def test_a_canned_answer_is_caught_by_other_names(name, release):
    """The recorded bytes themselves, whatever was asked, equal under the recorded names only."""
    as_recorded = recordings.load(release, RECORDED)[name].recorded
    stage = Stage(estate.build(OTHER, release), OTHER)
    stage.ask = lambda *_: _bytes_of(as_recorded)
    assert stage.replay(recordings.load(release, OTHER)[name])


def _bytes_of(recorded):
    body = recorded.text or "" if recorded.json is recordings.ABSENT else json.dumps(recorded.json)
    return Answer(recorded.status, recorded.headers, body.encode())


def compared(recorded, lab, *, contents=True):
    return [difference.where for difference in Comparison().answer(recorded, lab, contents=contents).differences]


def answer(status=200, headers=(), body="", json_body=recordings.ABSENT):
    """The same answer twice: as recorded, and as the lab's."""
    text = body if json_body is recordings.ABSENT else json.dumps(json_body)
    return Recorded(status, list(headers), body, json_body), Answer(status, list(headers), text.encode())


STATE = "https://a.example/cb?code=0a1b2c3d4e5f60718293a4b5c6d7e8f9&state=st4te"
UUID = "0b5a3c1e-2f4d-4a6b-8c7d-9e0f1a2b3c4d"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (answer(), answer()),
        (answer(headers=[("Date", "Mon")]), answer(headers=[("date", "Tue")])),
        (answer(headers=[("Location", STATE)]), answer(headers=[("location", STATE.replace("0a1b", "ffff"))])),
        (answer(json_body={"pk": UUID}), answer(json_body={"pk": UUID.replace("0b5a", "ffff")})),
        (answer(json_body={"scopes_supported": ["a", "b"]}), answer(json_body={"scopes_supported": ["b", "a"]})),
    ],
)
def test_what_chance_drew_makes_no_difference(one, other):
    assert compared(one[0], other[1]) == []


@pytest.mark.parametrize(
    ("one", "other", "where"),
    [
        (answer(302), answer(200), "status"),
        (answer(headers=[("Cache-Control", "no-store")]), answer(), "header cache-control"),
        (answer(), answer(headers=[("X-Powered-By", "authentik")]), "header x-powered-by"),
        (
            answer(headers=[("Location", STATE)]),
            answer(headers=[("Location", STATE + "&iss=x")]),
            "parameters of location",
        ),
        (
            answer(headers=[("Location", STATE)]),
            answer(headers=[("Location", STATE.replace("a.example", "b.example"))]),
            "location",
        ),
        (
            answer(headers=[("Set-Cookie", "sid=1; HttpOnly; Secure")]),
            answer(headers=[("Set-Cookie", "sid=1; HttpOnly")]),
            "attributes of cookie sid",
        ),
        (answer(json_body={"detail": "No."}), answer(json_body={"detail": "No"}), "json.detail"),
        (answer(json_body={"pk": 1}), answer(json_body={"pk": 1, "uid": ""}), "keys of json"),
        (answer(json_body={"aud": "argocd"}), answer(json_body={"aud": "argocd2"}), "json.aud"),
        (answer(400, json_body={"detail": ["one"]}), answer(400, json_body={"detail": "one"}), "json.detail"),
        (answer(json_body={}), answer(body="<html>"), "body"),
    ],
)
def test_what_a_reader_relies_on_makes_a_difference(one, other, where):
    assert where in compared(one[0], other[1])


@pytest.mark.parametrize(
    ("one", "other", "where"),
    [
        ({"results": [{"pk": 1}]}, {"results": [{"pk": "1"}]}, "json.results[].pk"),
        ({"results": [{"pk": 1}]}, {"results": [{}]}, "keys of json.results[]"),
        ({"results": [{"pk": 1}]}, {"results": []}, "json.results"),
        ({"component": "ak-stage-password"}, {"component": "ak-stage-consent"}, "json.component"),
    ],
)
def test_shapes_differ_by_keys_and_types(one, other, where):
    assert compared(answer(json_body=one)[0], answer(json_body=other)[1], contents=False) == [where]


def test_a_listed_difference_is_no_complaint_until_it_heals():
    listed = [Listed(("oidc/one",), "for a reason", ("status",))]
    assert not differing.complaints(Outcome({"oidc/one": [Difference("status", "")]}), listed)
    assert "delete it" in differing.complaints(Outcome({"oidc/one": []}), listed)[0]
    assert "body" in differing.complaints(Outcome({"oidc/one": [Difference("body", "")]}), listed)[0]


def test_nobody_to_ask_has_to_be_listed():
    outcome = Outcome(unasked={"oidc/one": "nothing listens there"})
    assert "nothing listens" in differing.complaints(outcome, [])[0]
    assert not differing.complaints(outcome, [Listed(("oidc/*",), "no check asks")])
    figures = differing.figures(outcome, [Listed(("oidc/*",), "no check asks")])
    assert (figures.compared, figures.equal, figures.without) == (0, 0, 1)
