"""The lab's Authentik server without sockets: a browser at the core, and a reverse proxy at its gate."""

import asyncio
import base64
import json
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from lab.authentik.app import build
from lab.names import AUTH_URL
from lab.world import World

EXECUTOR = "/api/v3/flows/executor/{}/"
IDENTIFICATION = "ak-stage-identification"
PASSWORD = "ak-stage-password"
ARGOCD = "https://argocd.frank.derio.net/auth/callback"
AUTHORIZE = "/application/o/authorize/"
TOKEN = "/application/o/token/"


class Browser:
    """Keeps cookies and follows nothing. Its requests reach Authentik as the ingress would pass them on."""

    def __init__(self, world: World, replica: int = 0, origin: str = AUTH_URL):
        self.world = world
        self.app = build(world, replica)
        self.origin = origin
        self.cookies = httpx.Cookies()

    def __call__(self, method, path, **sent):
        async def ask():
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url=self.origin, cookies=self.cookies) as client:
                response = await client.request(method, path, **sent)
                self.cookies = client.cookies
                return response

        return asyncio.run(ask())

    def get(self, path, **sent):
        return self("GET", path, **sent)

    def post(self, path, **sent):
        return self("POST", path, **sent)

    def executor(self, page):
        """The executor's address for the flow page that a redirect named."""
        parts = urlsplit(page)
        slug = parts.path.removeprefix("/if/flow/").strip("/")
        return EXECUTOR.format(slug) + "?" + urlencode({"query": parts.query})

    def respond(self, url, component, **data):
        """Answer a challenge as the single-page application does; the next challenge, after its redirects."""
        token = self.cookies.get("authentik_csrf", "")
        headers = {"referer": f"{self.origin}/", "x-authentik-csrf": token}
        response = self.post(url, json={"component": component, **data}, headers=headers)
        while response.status_code == 302:
            response = self.get(response.headers["location"])
        assert response.status_code == 200
        return response.json()

    def log_in(self, username, password, start):
        """Walk the login that `start` (a path of the core) leads to; the address after the flow."""
        url = self.executor(self.get(start).headers["location"])
        assert self.get(url).json()["component"] == IDENTIFICATION
        assert self.respond(url, IDENTIFICATION, uid_field=username)["component"] == PASSWORD
        last = self.respond(url, PASSWORD, password=password)
        assert last["component"] == "xak-flow-redirect", last
        return last["to"]


class Proxy:
    """Asks the gate about requests, as Traefik's forwardAuth does."""

    def __init__(self, world: World, replica: int = 0):
        self.browser = Browser(world, replica, "http://authentik-server.authentik.svc.cluster.local")

    def ask(self, url, kind="traefik", cookie=None, method="GET", **headers):
        self.browser.cookies = httpx.Cookies()
        parts = urlsplit(url)
        uri = parts.path + (f"?{parts.query}" if parts.query else "")
        sent = {"x-forwarded-proto": parts.scheme, "x-forwarded-host": parts.netloc, "x-forwarded-uri": uri}
        sent |= {"cookie": cookie} if cookie else {}
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.browser(method, f"/outpost.goauthentik.io/auth/{kind}", headers=sent | headers)


def title(response):
    """The title of an HTML page."""
    found = re.search("<title>(.*?)</title>", response.text)
    return found and found.group(1)


def parameters(url):
    """The query parameters of an address, each once."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}


def payload(token):
    """The claims of a token, unverified."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def cookie_of(response):
    """`name=value` of the cookie that an answer sets."""
    return response.headers["set-cookie"].partition(";")[0]


def asked(**changed):
    """The parameters of a good authorization request, changed; None leaves one out."""
    good = {
        "client_id": "argocd",
        "response_type": "code",
        "redirect_uri": ARGOCD,
        "scope": "openid profile email offline_access groups",
        "state": "st4te",
        "nonce": "n0nce",
    }
    return {name: value for name, value in (good | changed).items() if value is not None}


def authorize(browser, **changed):
    """The answer to an authorization request."""
    return browser.get(AUTHORIZE, params=asked(**changed))


def start(**changed):
    """The path of an authorization request."""
    return f"{AUTHORIZE}?{urlencode(asked(**changed))}"


def code_for(browser, **changed):
    """A code for alice, by a login where there is no session yet."""
    response = authorize(browser, **changed)
    if response.headers["location"].startswith("/if/flow/"):
        to = browser.log_in("alice", browser.world.secrets.user_password, start(**changed))
        response = browser.get(to)
    return parameters(response.headers["location"])["code"]


def redeem(browser, code, /, **changed):
    """The answer to a token request by ArgoCD, changed; None leaves a parameter out."""
    form = {
        "grant_type": "authorization_code",
        "client_id": "argocd",
        "client_secret": browser.world.secrets.client_secret("argocd"),
        "code": code,
        "redirect_uri": ARGOCD,
    }
    return browser.post(TOKEN, data={n: v for n, v in (form | changed).items() if v is not None})


def events(world, action):
    """The events of one kind, oldest first."""
    return [event for event in world.authentik.operations.events if event.action == action]


def server_log(world, replica=0):
    """The structured lines of a server pod's log."""
    pod = world.cluster.server_pods[replica]
    lines = world.cluster.log_lines("authentik", pod)
    return [json.loads(line) for line in lines if line.startswith("{")]
