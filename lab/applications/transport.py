"""How applications reach other machines: httpx over the lab's internal network instead of sockets."""

from __future__ import annotations

import httpx

from lab.network import Network, Refused


class NetworkTransport(httpx.AsyncBaseTransport):
    """An httpx transport whose connections are calls inside the lab."""

    def __init__(self, network: Network) -> None:
        self._network = network

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request. Raises httpx.ConnectError when nobody listens there."""
        body = await request.aread()
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
        try:
            answer = await self._network.request(request.method, str(request.url), headers, body)
        except Refused as refused:
            host = request.url.host
            raise httpx.ConnectError(f"dial tcp: {host}: connect: connection refused") from refused
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        return httpx.Response(answer.status, headers=raw, content=answer.body, request=request)


def client(network: Network) -> httpx.AsyncClient:
    """A plain client inside the lab; follows nothing."""
    return httpx.AsyncClient(transport=NetworkTransport(network), trust_env=False, follow_redirects=False)
