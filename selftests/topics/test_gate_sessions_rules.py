"""What comes behind a gate after a login: the application, and everything that may be there in its place."""

import pytest

from fixtures.estate.forward_auth import Expects, ForwardAuthApplication
from fixtures.login.journey import Arrival
from fixtures.model.kinds import APP_PASSWORD_REFUSED, behind_the_gate
from fixtures.topics.gate.session_rules import (
    HeaderLogin,
    another_gate,
    earlier_try_for,
    leads_on,
    not_the_application,
    refused_login,
    refuses_everybody,
    wrong_answer,
)
from selftests.support import answers

URL = "https://longhorn.example.org"
GATE = ForwardAuthApplication(
    name="longhorn",
    url=URL,
    workload="longhorn-system/deployment/longhorn-ui",
    expects={"contains": "Longhorn"},
)
LOGIN = (
    "https://auth.example.org/application/o/authorize/?client_id=c&redirect_uri="
    "https%3A%2F%2Flonghorn.example.org%2Foutpost.goauthentik.io%2Fcallback"
)
UI = "<title>Longhorn</title>"


def answer(status=200, body=UI, url=f"{URL}/", **headers):
    return answers.answer(status, body, url, **headers)


def expecting(**expects):
    return GATE.model_copy(update={"expects": Expects(**expects)})


@pytest.mark.parametrize(
    ("gate", "given"),
    [
        (GATE, answer()),
        (expecting(), answer(body="anything")),
        (expecting(status=403), answer(403, "for admins only")),
        (expecting(status=503), answer(503, "asleep on purpose")),
    ],
)
def test_the_application_itself(gate, given):
    assert wrong_answer(given, gate) is None
    assert not_the_application(Arrival(given, (URL,)), gate) is None


@pytest.mark.parametrize(
    ("given", "gate", "on"),
    [
        (answer(302, "", location="/dashboard/"), GATE, True),
        (answer(301, "", location=f"{URL}/ui"), GATE, True),
        (answer(308, "", location="ui/"), GATE, True),
        (answer(302, "", location="/"), GATE, False),
        (answer(302, "", location=LOGIN), GATE, False),
        (answer(302, "", location="/outpost.goauthentik.io/start"), GATE, False),
        (answer(302, "", location="https://elsewhere.example.org/"), GATE, False),
        (answer(302, "", location="http://longhorn.example.org/ui"), GATE, False),
        (answer(302, "", location="https://longhorn.example.org:x/"), GATE, False),
        (answer(302, "", location="/dashboard/"), expecting(status=302), False),
        (answer(200, location="/dashboard/"), GATE, False),
        (answer(302, ""), GATE, False),
    ],
)
def test_an_application_leads_on_to_a_page_of_its_own(given, gate, on):
    assert leads_on(given, gate) is on


@pytest.mark.parametrize(
    ("given", "said", "remedy"),
    [
        (answer(302, "", location=LOGIN), "asks for a login again", "failed to redeem"),
        (answer(502, "Bad Gateway"), "behind it does not answer", "-n longhorn-system get pods"),
        (answer(404, "404 page not found"), "instead of 200", "expects.status in [[forward_auth]] longhorn"),
        (answer(body="<title>Welcome to nginx</title>"), "'Longhorn' is not in 200", "where the route of"),
    ],
)
def test_what_is_there_instead(given, said, remedy):
    wrong = wrong_answer(given, GATE)
    assert said in wrong.what
    assert remedy in wrong.remedy
    assert not_the_application(Arrival(given, (URL,)), GATE) == wrong


def test_a_backend_that_is_down_is_one_trouble_whoever_meets_it():
    kinds = {wrong_answer(answer(status, ""), GATE).kind for status in (502, 503, 504)}
    assert kinds == {behind_the_gate("longhorn")}
    assert wrong_answer(answer(404, ""), GATE).kind is None


def test_without_a_workload_it_still_says_where_to_look():
    gate = ForwardAuthApplication(name="nas", url=URL)
    assert "the application's pods" in wrong_answer(answer(502, ""), gate).remedy


@pytest.mark.parametrize(
    ("arrival", "said"),
    [
        (Arrival(answer(body="<title>Permission denied - authentik</title>"), (URL,)), "policies deny"),
        (Arrival(answer(302, ""), (URL,), onward="https://old.example.org/x?code=c0de"), "https://old.example.org"),
        (Arrival(answer(url="https://auth.example.org/if/user/"), (URL,)), "instead of at https://longhorn"),
    ],
)
def test_a_journey_that_ends_elsewhere(arrival, said):
    wrong = not_the_application(arrival, GATE)
    assert said in wrong.what
    assert "c0de" not in wrong.what + wrong.remedy


class Gates:
    """What another_gate reads of an estate."""

    def __init__(self, *gated):
        self.gated = gated


def test_the_other_gate_is_the_next_with_a_host_and_cookie_of_its_own():
    def gate(name, mode="single", url=None):
        return GATE.model_copy(update={"name": name, "mode": mode, "url": url or f"https://{name}.example.org"})

    first, twin, wide = gate("a"), gate("b", url="https://a.example.org"), gate("c", mode="domain")
    last = gate("d")
    estate = Gates(first, twin, wide, last)
    assert [another_gate(estate, each) for each in estate.gated] == [last, last, wide, first]
    assert another_gate(Gates(first), first) is first


LOGIN_BY_HEADER = HeaderLogin("svc", "longhorn", answer(302, location=LOGIN))


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ({}, "the password is wrong or expired"),
        ({"known": True, "is_looked_at": False}, "does not look at Authorization headers"),
        ({"known": True, "is_looked_at": True}, "a policy keeps the account out"),
        ({"known": True}, "or a policy"),
        ({"lets_in": False}, "its own access check says so"),
        ({"lets_in": False, "known": True, "is_looked_at": False}, "its own access check says so"),
        ({"lets_in": True}, "the password is wrong or expired"),
        # An outpost that leads requests on itself redirects nobody who shows a password.
        (
            {"answer": answer(401, "<p>Due to &#39;…&#39; being set, no redirect is performed.</p>")},
            "is wrong or expired",
        ),
        ({"refuses_everybody": True}, "as it does everybody after a login"),
    ],
)
def test_a_policy_is_told_from_a_wrong_password(said, cause):
    wrong = refused_login(LOGIN_BY_HEADER._replace(**said), GATE)
    assert wrong
    assert cause in wrong.what
    assert (wrong.kind is APP_PASSWORD_REFUSED) is ("is wrong or expired" in cause)


def tried(*names, known=()):
    return [HeaderLogin("svc", name, answer(302, location=LOGIN), known=name in known) for name in names]


@pytest.mark.parametrize(
    ("gate", "tries", "loops", "telling"),
    [
        ("a", tried("a", "b"), "", "a"),
        ("c", tried("a", "b"), "", "a"),
        ("c", tried("a", "b", known="b"), "", None),
        ("c", [], "", None),
        # A gate that sends everybody round says nothing of the password; the one at which logins arrive does.
        ("c", tried("a", "b"), "a", "b"),
        ("c", tried("a", "b"), "ab", None),
        ("c", tried("a", "b"), "abc", "a"),
        ("a", tried("a", "b"), "a", "a"),
    ],
)
def test_whose_answer_tells_of_an_app_password(gate, tries, loops, telling):
    found = earlier_try_for(gate, tries, loops)
    assert (found and found.tried) == telling


@pytest.mark.parametrize(
    ("gate", "tries", "loops", "round_"),
    [
        ("a", tried("a", "b"), "ab", True),
        # It is wrong at the gate that lets logins arrive, and so it is at the other.
        ("a", tried("a", "b"), "a", False),
        ("b", tried("a", "b"), "a", False),
        ("c", tried("a", "b"), "c", False),
        # It passes elsewhere: here nobody does.
        ("a", tried("a", "b", known="b"), "a", True),
        ("c", tried("c", "a", "b", known="b"), "a", False),
    ],
)
def test_a_wrong_app_password_is_told_from_a_gate_that_leads_everybody_round(gate, tries, loops, round_):
    assert refuses_everybody(gate, tries, loops) is round_


def test_who_passes_is_not_refused():
    assert refused_login(HeaderLogin("svc", "longhorn", answer()), GATE) is None
