"""A gate that leads to an outpost's own start, as nginx's auth-signin does: the login is looked for there."""

import pytest

from fixtures.model.signals import Broken
from fixtures.topics.gate.questions import gate_login
from selftests.support.gate_answers import GATE, PLAIN, answer, refusal


class Start:
    """The outpost's start address, which gives one answer; `asked` are the addresses that came in."""

    def __init__(self, given) -> None:
        self.given, self.asked = given, []

    def request(self, _method, url, **_how):
        self.asked.append(url)
        return self.given


OWN_START = f"{GATE.url}/outpost.goauthentik.io/start?rd=x"


def test_a_login_that_begins_at_the_outposts_own_start_is_asked_for_there():
    start = Start(refusal())
    assert gate_login(start, GATE, answer(302, {"location": OWN_START})) is start.given
    assert start.asked == [OWN_START]
    direct, unasked = refusal(), Start(refusal())
    assert gate_login(unasked, GATE, direct) is direct
    assert unasked.asked == []


@pytest.mark.parametrize(
    ("location", "given", "said"),
    [
        ("https://other.example.org/outpost.goauthentik.io/start?rd=x", refusal(), "not its own"),
        (OWN_START, answer(404, PLAIN, "404 page not found\n"), "starts no login: it answers 404"),
        (OWN_START, answer(302, {"location": OWN_START}), "starts no login"),
        (OWN_START, refusal(back=OWN_START), "behind the gate itself"),
    ],
)
def test_a_start_that_leads_nowhere_is_named(location, given, said):
    start = Start(given)
    with pytest.raises(Broken, match=said):
        gate_login(start, GATE, answer(302, {"location": location}))
    assert all("other.example.org" not in each for each in start.asked)
