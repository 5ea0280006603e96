"""The page on which a Dex of several connectors asks by whom somebody logs in."""

from types import SimpleNamespace

import httpx
import pytest

from fixtures.estate.oidc import OidcApplication
from fixtures.exchange.answers import Answer
from fixtures.topics.logins.choices import choices, chosen, is_asked_at
from fixtures.topics.logins.questions import login_start

HOST = "https://argocd.example.org"
AT = f"{HOST}/api/dex/auth?state=s"


def argocd(redirect_uri):
    return OidcApplication(
        name="argocd", kind="argocd", slug="argocd", url=HOST, client_id="argocd", redirect_uris=[redirect_uri]
    )


def page(body, status=200, url=AT):
    return Answer("GET", url, status, httpx.Headers({"content-type": "text/html"}), body.encode(), 0.01)


BY_DEX = argocd(f"{HOST}/api/dex/callback")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (
            '<a href="/api/dex/auth/authentik?a=1&amp;state=s" target="_self">',
            [f"{HOST}/api/dex/auth/authentik?a=1&state=s"],
        ),
        # Releases before 2.24 write the state alone behind it.
        (
            "<A class='x' HREF='/api/dex/auth/gh?state=s'><a href='/api/dex/auth/gh?state=s'>",
            [f"{HOST}/api/dex/auth/gh?state=s"],
        ),
        ('<a href="https://elsewhere.example.org/api/dex/auth/x">', []),
        ('<a href="/api/dex/theme/x.css"><a href="//[::1/api/dex/auth/x"><link href="/api/dex/auth/x">', []),
        ("", []),
    ],
)
def test_the_links_below_dex_are_choices(body, found):
    assert list(choices(page(body), BY_DEX)) == found


def test_no_other_page_is_one():
    link = '<a href="/api/dex/auth/authentik">'
    assert choices(page(link), BY_DEX)
    assert not choices(page(link, status=500), BY_DEX)
    assert not choices(page(link, url="https://auth.example.org/"), BY_DEX)
    assert not choices(page(link), argocd(f"{HOST}/auth/callback"))


def test_an_application_that_takes_the_answer_itself_has_a_page_of_its_own():
    """It was "not verified" in a browser that rests at its login page, which is where a failed login leads."""
    assert is_asked_at(AT, BY_DEX)
    assert is_asked_at("https://dex.example.org/auth", argocd("https://dex.example.org/callback"))
    assert not is_asked_at(f"{HOST}/auth", argocd(f"{HOST}/callback"))


ENDPOINT = "https://auth.example.org/application/o/authorize/"


def led(to):
    return Answer("GET", f"{HOST}/api/dex/auth/x", 302, httpx.Headers({"location": to}), b"", 0.01)


@pytest.mark.parametrize(
    ("answers", "taken"),
    [
        (["https://github.com/login", f"{ENDPOINT}?client_id=argocd"], 1),
        # Two connectors of one Authentik: for people, and for its administrators.
        ([f"{ENDPOINT}?client_id=admins", f"{ENDPOINT}?client_id=argocd"], 1),
        ([f"{ENDPOINT}?client_id=of-before", "https://github.com/login"], 0),
        (["https://github.com/login"], None),
        ([], None),
    ],
)
def test_the_choice_that_leads_to_authentik_as_this_client_is_taken(answers, taken):
    answers = [led(to) for to in answers]
    assert chosen(answers, ENDPOINT, BY_DEX) is (None if taken is None else answers[taken])


INSIDE = "http://argocd-server.argocd.svc"
QUERY = "client_id=argo-cd&state=s"
BY_CLIENT = f"{ENDPOINT}?client_id=argocd"
BEHIND_A_GATE = BY_DEX.model_copy(update={"direct_url": INSIDE})


class PastTheGate:
    """Argo CD and its Dex, asked past their gate. Dex redirects, and links, by paths alone."""

    def __init__(self, **answers):
        self.answers = {
            "/auth/login": (303, f"{HOST}/api/dex/auth?{QUERY}", ""),
            "/api/dex/auth/authentik": (302, BY_CLIENT, ""),
        } | {f"/api/dex/{path}": answer for path, answer in answers.items()}

    def request(self, _method, url, **_):
        assert url.startswith(INSIDE)
        status, location, body = self.answers[url.removeprefix(INSIDE).partition("?")[0]]
        return Answer("GET", url, status, httpx.Headers({"location": location} if location else {}), body.encode(), 0.1)


@pytest.mark.parametrize(
    "of_dex",
    [
        (302, f"/api/dex/auth/authentik?{QUERY}", ""),
        (200, "", f'<a href="/api/dex/auth/authentik?{QUERY}">'),
    ],
)
def test_dex_is_asked_past_the_gate_as_well(of_dex):
    """What redirects by a path was taken for another host's: its address is that past the gate."""
    gated = SimpleNamespace(gate_of=lambda _: object(), authentik_of=lambda _: "https://auth.example.org")
    start = login_start(PastTheGate(auth=of_dex), None, gated, BEHIND_A_GATE)
    assert start.answer.location == BY_CLIENT
