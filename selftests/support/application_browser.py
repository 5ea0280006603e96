"""What the self-tests of the applications share: an issuer and a browser, in process."""

from __future__ import annotations

import asyncio
import base64
import json
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, unquote, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from lab.network import Network
from lab.world import World

KEY = ECKey.generate_key("P-256", parameters={"kid": "one", "alg": "ES256"})
ISSUER = "https://auth.frank.derio.net/application/o"
ARGOCD = "https://argocd.frank.derio.net"
GRAFANA = "https://grafana.frank.derio.net"
INFISICAL = "https://infisical.frank.derio.net"
PLAIN = "https://extra-oidc-1.frank.derio.net"
ALICE = {"sub": "1", "email": "alice@derio.net", "preferred_username": "alice", "groups": ["platform-admins", "devops"]}
BOB = {"sub": "2", "email": "bob@derio.net", "preferred_username": "bob", "groups": ["developers"]}
DENIED = (
    "Client authentication failed (e.g., unknown client, no client authentication included, or unsupported "
    "authentication method)"
)


class Issuer:
    """Answers token, userinfo, keys and discovery as Authentik would; the code says who logs in."""

    def __init__(self, world):
        self.world = world
        self.people = {"alice": ALICE, "bob": BOB}
        self.token_requests = []
        self.claims = {}
        self.issuer = None
        self.userinfo_status = 200

    async def __call__(self, scope, receive, send):
        body = (await receive()).get("body", b"")
        path = scope["path"].removeprefix("/application/o/")
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        if path == "token/":
            status, content = self.token(headers, {k: v[0] for k, v in parse_qs(body.decode()).items()})
        elif path == "userinfo/":
            status, content = self.userinfo_status, self.people[headers["authorization"].removeprefix("Bearer ")]
        elif path.endswith("/jwks/"):
            status, content = 200, {"keys": [KEY.as_dict(private=False)]}
        else:
            slug = path.partition("/")[0]
            base = f"{ISSUER}/{slug}/"
            status, content = (
                200,
                {
                    "issuer": self.issuer or base,
                    "authorization_endpoint": f"{ISSUER}/authorize/",
                    "token_endpoint": f"{ISSUER}/token/",
                    "jwks_uri": f"{base}jwks/",
                },
            )
        raw = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": json.dumps(content).encode()})

    def token(self, headers, form):
        if "authorization" in headers:
            basic = base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode()
            client, secret = map(unquote, basic.split(":"))
        else:
            client, secret = form["client_id"], form["client_secret"]
        self.token_requests.append((client, secret, form))
        if secret != self.world.secrets.client_secret(client):
            return 400, {"error": "invalid_client", "error_description": DENIED}
        now = int(self.world.clock.now().timestamp())
        person = self.people[form["code"]]
        claims = {"iss": f"{ISSUER}/{client}/", "aud": client, "exp": now + 300, "iat": now, **person, **self.claims}
        token = jwt.encode({"alg": "ES256", "kid": "one"}, claims, KEY)
        return 200, {"access_token": form["code"], "token_type": "Bearer", "id_token": token, "expires_in": 300}


class Browser:
    """Asks the applications through the ingress and keeps their cookies."""

    def __init__(self):
        self.world = World(extra_applications=1)
        self.network = Network(self.world)
        self.issuer = Issuer(self.world)
        self.network._built |= {f"authentik-server/{number}": self.issuer for number in (0, 1)}
        self.cookies = {}

    def get(self, url, headers=(), *, keep=True):
        sent = [*headers]
        if self.cookies and keep:
            sent.append(("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items())))
        answer = asyncio.run(self.network.request("GET", url, sent))
        for value in [v for k, v in answer.headers if k.lower() == "set-cookie"]:
            for name, morsel in SimpleCookie(value).items():
                self.cookies[name] = morsel.value
        return answer

    def json(self, url, headers=()):
        return json.loads(self.get(url, headers).body)

    def start(self, url):
        answer = self.get(url)
        return answer, {k: v[0] for k, v in parse_qs(urlsplit(answer.header("location")).query).items()}

    def login(self, url, person, path=None):
        _, asked = self.start(url)
        target = path or asked["redirect_uri"]
        return self.get(f"{target}?code={person}&state={asked['state']}")


def secret_of(browser, namespace, name):
    """A Secret of the cluster, to be changed in place."""
    return browser.world.cluster.get("secrets", namespace, name)


def wrong(value="wrong"):
    """A value of a Secret that is none of Authentik's."""
    return base64.b64encode(value.encode()).decode()
