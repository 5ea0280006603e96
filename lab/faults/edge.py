"""Faults of what travels with a login at the gate: forwarded headers, return address, cookie (runbook H4)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from lab import names
from lab.faults import fault
from lab.world import World


@fault(
    "forwarded-uri-kept",
    known_from="proxies that discard X-Forwarded-Host, but do not know X-Forwarded-Uri",
    turns_red=("FWD-FWD-01",),
)
def forwarded_uri_kept(world: World) -> None:
    """The entry point lets a client's own X-Forwarded-Uri pass: the gate judges another path than is served."""
    world.edge.forwarded_headers_kept = frozenset({"x-forwarded-uri", "x-forwarded-method"})


@fault(
    "foreign-return-kept",
    known_from="RFC 9700 section 4.11; recordings/forward-auth/start-rd-foreign.json",
    turns_red=("FWD-RD-01",),
    blocks=("FWD-PASS-05",),
)
def foreign_return_kept(world: World) -> None:
    """The outpost keeps any `rd` as the address at which a login ends: an open redirect."""
    world.authentik.rules.gate_keeps_foreign_return = True


@fault("gate-cookie-not-secure", known_from="middlewares that rewrite cookies", turns_red=("FWD-COOKIE-01",))
def gate_cookie_not_secure(world: World) -> None:
    """The gate's cookie lost its Secure attribute, so that a request by plain http gives it away."""

    def strip(_: Request, response: Response) -> Response:
        response.raw_headers = [
            (name, value.replace(b"; Secure", b"") if value.startswith(b"authentik_proxy_") else value)
            for name, value in response.raw_headers
        ]
        return response

    world.authentik.tampering.append(strip)


@fault("gate-cookie-for-a-year", known_from="users who did not like to log in", turns_red=("FWD-COOKIE-01[hubble]",))
def gate_cookie_for_a_year(world: World) -> None:
    """The tokens of Hubble's provider, and so its cookie, live for a year."""
    provider = next(each for each in world.authentik.proxy_providers() if each.host == names.public_host("hubble"))
    provider.access_token_validity = "days=365"


@fault(
    "told-that-it-is-http",
    known_from="TLS that ends at a load balancer in front of the proxy",
    turns_red=("OIDC-DISC-02", "OIDC-DISC-03", "FWD-GATE-02"),
    blocks=("OIDC", "FWD-PASS"),
)
def told_that_it_is_http(world: World) -> None:
    """A middleware of all routes tells everybody behind it that visitors came by plain http, as it once was."""
    headers = world.cluster.get("middlewares.traefik.io", "traefik-system", "security-headers")["spec"]["headers"]
    headers["customRequestHeaders"] = {"X-Forwarded-Proto": "http"}
