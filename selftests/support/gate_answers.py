"""Answers of a gate, in the forms that were recorded."""

import base64
import json
from urllib.parse import urlencode

from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.exchange.answers import Answer
from selftests.support import answers

AUTH = "https://auth.frank.derio.net"
URL = "https://longhorn.frank.derio.net/"
CALLBACK = f"{URL}outpost.goauthentik.io/callback?X-authentik-auth-callback=true"
GATE = ForwardAuthApplication(name="longhorn", url="https://longhorn.frank.derio.net")
COOKIE = "authentik_proxy_f0100715=x; Path=/; Max-Age=3601; HttpOnly; Secure; SameSite=Lax"
DATE = "Wed, 25 Nov 2026 12:00:00 GMT"
HTML = {"content-type": "text/html; charset=utf-8"}
PLAIN = {"content-type": "text/plain; charset=utf-8"}


def answer(status: int, headers: dict[str, str] | None = None, body: str = "", url: str = URL) -> Answer:
    return answers.answer(status, body, url, **headers or {})


def state(client: str = "abc", back: str = URL) -> str:
    claims = {"iss": f"goauthentik.io/outpost/{client}", "sid": "s", "state": "t", "redirect": back}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"head.{body}.tail"


def refusal(base: str = AUTH, *, back: str = URL, cookie: str = COOKIE, **changed: str) -> Answer:
    sent = {"client_id": "abc", "redirect_uri": CALLBACK, "response_type": "code", "state": state(back=back)} | changed
    location = f"{base}/application/o/authorize/?{urlencode(sent)}"
    return answer(302, HTML | {"location": location, "set-cookie": cookie, "date": DATE}, '<a href="…">Found</a>.')
