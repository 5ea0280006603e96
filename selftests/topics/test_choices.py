"""The page on which a Dex of several connectors asks by whom somebody logs in."""

import httpx
import pytest

from fixtures.estate.oidc import OidcApplication
from fixtures.exchange.answers import Answer
from fixtures.topics.logins.choices import choices

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
