"""Calls of the API of the lab's Authentik, without a socket; shared by the tests of that API."""

import asyncio

import httpx
from starlette.applications import Starlette

from lab.authentik.api.app import routes
from lab.authentik.directory import Role

NO_CREDENTIALS = "Authentication credentials were not provided."
BAD_TOKEN = "Token invalid/expired"
NO_RIGHT = "You do not have permission to perform this action."


class Client:
    """Synchronous calls of the API by one token."""

    def __init__(self, world, token=None):
        self.app = Starlette(routes=routes(world))
        self.headers = {"authorization": f"Bearer {token}"} if token else {}

    def request(self, method, path, json=None, headers=None, content=None):
        async def ask():
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="https://auth.frank.derio.net") as client:
                sent = self.headers | (headers or {})
                url = f"/api/v3/{path}"
                return await client.request(method, url, json=json, headers=sent, content=content)

        return asyncio.run(ask())

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def results(self, path):
        response = self.get(path)
        assert response.status_code == 200, response.text
        return response.json()["results"]


def role(world) -> Role:
    return world.authentik.directory.role("sso-conformance")
