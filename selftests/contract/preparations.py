"""What a recorded request took from elsewhere (a code, a session, a token, a body), got from the lab instead."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatch
from urllib.parse import parse_qs

from lab.shapes.outposts import OUTPOST
from selftests.contract import estate
from selftests.contract.recordings import Exchange, Request
from selftests.contract.replaying import Stage
from selftests.contract.surroundings import INSPECTOR, NOBODY
from selftests.support.authentik_server import Browser, parameters, start

VERIFIER = "7zgGCv2eUnIk2QPLQa9TX24Y0xBSSwfTo-mRm9r9Ooc"


def prepared(stage: Stage, exchange: Exchange) -> Exchange:
    """Get from the lab what the exchange's request took from elsewhere; the exchange with a body that was left out."""
    if exchange.folder == "kubernetes":
        stage.issued["Bearer <token>"] = f"Bearer {_bearer(stage, exchange)}"
    if fnmatch(exchange.name, "oidc/token-code-*"):
        _code(stage, exchange)
    for pattern, brought in BROUGHT.items():
        if fnmatch(exchange.name, pattern):
            brought(stage, exchange)
    if any(fnmatch(exchange.name, pattern) for pattern in KEPT_COOKIE) and _has_later_cookies(exchange):
        return _with_gate_cookie(stage, exchange)
    if fnmatch(exchange.name, "standalone-outpost/*-health"):
        return _asked_of(exchange, OUTPOST)
    body = LEFT_OUT.get(exchange.name)
    if body is None:
        return exchange
    return replace(exchange, request=replace(exchange.request, body=stage.tell(body)))


def _asked_of(exchange: Exchange, pk: str) -> Exchange:
    """The recording kept neither the object's key nor who asked."""
    headers = [("host", "127.0.0.1:9000"), ("authorization", f"Bearer {estate.BOOTSTRAP}")]
    return replace(exchange, request=Request("GET", exchange.request.url.replace("<pk>", pk), headers))


def _has_later_cookies(exchange: Exchange) -> bool:
    """The later recorder's client kept the gate's cookie from its first request, and does not show that it sent it."""
    return all(name.lower() != "set-cookie" for name, _ in exchange.recorded.headers)


def _with_gate_cookie(stage: Stage, exchange: Exchange) -> Exchange:
    host = exchange.request.header("host")
    first = stage.ask(Request("GET", f"https://{host}/", [("host", host)]))
    cookie = next(value for name, value in first.headers if name.lower() == "set-cookie")
    headers = [*exchange.request.headers, ("cookie", cookie.partition(";")[0])]
    return replace(exchange, request=replace(exchange.request, headers=headers))


def _bearer(stage: Stage, exchange: Exchange) -> str:
    known = {"kubernetes/bad-token": "unknown", "kubernetes/secrets-forbidden-list": NOBODY}
    if exchange.name in known:
        return known[exchange.name]
    metadata, write = (
        "as=PartialObjectMetadata" in exchange.request.header("accept"),
        exchange.request.method == "PATCH",
    )
    return stage.world.secrets.kubernetes_admin_token if metadata or write else INSPECTOR


def _browser(stage: Stage) -> Browser:
    return Browser(stage.world, origin=stage.tell("https://auth.frank.derio.net"))


def _logged_in(stage: Stage, name: str, **changed: str) -> tuple[Browser, str]:
    """A browser with that user's session, and the address after the login."""
    browser = _browser(stage)
    username = stage.tell(name)
    asked = {"client_id": "argocd-client-id", "redirect_uri": "https://argocd.frank.derio.net/auth/callback"}
    asked |= {"state": "st4te", "nonce": "n0nce", **changed}
    path = start(**{key: stage.tell(value) for key, value in asked.items()})
    return browser, browser.log_in(username, stage.tell(f"{name}-pw-Frank-2026"), path)


def _code(stage: Stage, exchange: Exchange) -> None:
    form = {key: values[0] for key, values in parse_qs(exchange.request.body or "").items()}
    recorded = form.get("code", "")
    if len(recorded) < 32 or recorded in stage.issued:
        return
    scope = "openid profile" if "no-offline" in exchange.name else "openid profile email offline_access"
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
    pkce = {} if "nopkce" in exchange.name else {"code_challenge": challenge, "code_challenge_method": "S256"}
    browser, after = _logged_in(stage, "alice", scope=scope, **pkce)
    stage.issued[recorded] = parameters(browser.get(after).headers["location"])["code"]


def _session(stage: Stage, exchange: Exchange) -> None:
    """Bob's session, in place of the recorded one."""
    browser, _ = _logged_in(stage, "bob")
    _take_cookies(stage, exchange, browser)


def _take_cookies(stage: Stage, exchange: Exchange, browser: Browser) -> None:
    for pair in exchange.request.header("cookie").split("; "):
        name, _, recorded = pair.partition("=")
        stage.issued[recorded] = browser.cookies.get(name, "")


def _consent_pending(stage: Stage, exchange: Exchange) -> None:
    demo = {"client_id": "consentdemo-client-id", "redirect_uri": "https://demo.frank.derio.net/cb"}
    browser, after = _logged_in(stage, "bob", scope="openid profile email", **demo)
    challenge = browser.get(browser.executor(browser.get(after).headers["location"])).json()
    _take_cookies(stage, exchange, browser)
    stage.issued["f7535248-decd-4ac9-aec1-0f8c60136902"] = challenge["token"]


def _bob_api(stage: Stage, _: Exchange) -> None:
    stage.world.authentik.directory.tokens[f"{stage.tell('bob')}-api"].key = estate.BOB_API


def _machine_token(stage: Stage, exchange: Exchange) -> None:
    form = {"grant_type": "client_credentials", "client_id": stage.tell("argocd-client-id"), "scope": "openid"}
    form["client_secret"] = stage.tell("argocd-client-secret-0123456789abcdef")
    answer = _browser(stage).post("/application/o/token/", data=form)
    stage.issued[exchange.request.header("authorization").removeprefix("Bearer ")] = answer.json()["access_token"]


def _gate_login(stage: Stage, exchange: Exchange) -> None:
    """Alice's code for Longhorn, and the gate's cookie that goes with it."""
    uri, cookie = exchange.request.header("x-forwarded-uri"), exchange.request.header("cookie")
    host = stage.tell("longhorn.frank.derio.net")
    sent = {"host": host, "x-forwarded-proto": "https", "x-forwarded-host": host, "x-forwarded-uri": "/"}
    first = Browser(stage.world, origin=f"https://{host}").get("/outpost.goauthentik.io/auth/traefik", headers=sent)
    browser, _ = _logged_in(stage, "alice")
    back = browser.get(first.headers["location"]).headers["location"]
    recorded, issued = parameters(uri), parameters(back)
    stage.issued |= {recorded[name]: issued[name] for name in ("code", "state")}
    stage.issued[cookie.partition("=")[2]] = first.headers["set-cookie"].partition(";")[0].partition("=")[2]


# Forms that the recorder did not keep.
LEFT_OUT = {
    "probe-identity/refresh-right-secret": (
        "grant_type=refresh_token&client_id=argocd-client-id&refresh_token=bogus"
        "&client_secret=argocd-client-secret-0123456789abcdef"
    ),
    "probe-identity/refresh-wrong-secret": (
        "grant_type=refresh_token&client_id=argocd-client-id&refresh_token=bogus&client_secret=wrong"
    ),
}
KEPT_COOKIE = ("traefik/gate-*",)
BROUGHT: dict[str, Callable[[Stage, Exchange], None]] = {
    "health/flows-default-invalidation": _session,
    "oidc/executor-invalidation": _session,
    "oidc/login-explicit-consent-without-csrf": _consent_pending,
    "api/nonadmin-*": _bob_api,
    "api/err-inactive-user-token": _bob_api,
    "api/users-me-with-oidc-access-token": _machine_token,
    "forward-auth/traefik-bearer-other-provider-jwt": _machine_token,
    "forward-auth/fault-env-host-browser-callback": _gate_login,
}
