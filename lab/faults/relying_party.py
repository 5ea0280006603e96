"""Faults of the applications as relying parties (runbook H3, D1)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lab import names
from lab.faults import fault
from lab.faults.rewriting import login_asks
from lab.world import World

_OLD_HOST = "auth.cluster.derio.net"


@fault(
    "grafana-root-url-without-tls",
    known_from="facts/grafana.md: the redirect URI is made of root_url alone",
    turns_red=("OIDC-RP-01[grafana]",),
    blocks=("[grafana]",),
)
def grafana_root_url_without_tls(world: World) -> None:
    """Grafana's root_url says http, so that its redirect URI is not the registered one."""
    world.applications["grafana"].base_url = f"http://{names.public_host('grafana')}"


@fault(
    "infisical-oidc-inactive",
    known_from="facts/infisical.md: inactive or unlicensed OIDC settings are a JSON error",
    turns_red=("OIDC-RP-01[infisical]",),
    blocks=("[infisical]",),
)
def infisical_oidc_inactive(world: World) -> None:
    """Infisical's OIDC settings were switched off, so that its login start answers with an error."""
    world.applications["infisical"].configured = False


@fault(
    "infisical-asks-no-private-address",
    known_from="Infisical, backend/src/lib/validator/validate-url.ts: blockLocalAndPrivateIpAddresses",
    turns_red=("OIDC-RP-01[infisical]",),
    blocks=("[infisical]",),
)
def infisical_asks_no_private_address(world: World) -> None:
    """A newer Infisical asks no issuer at a private address, unless it is told to (ALLOW_INTERNAL_IP_CONNECTIONS)."""
    told = {"statusCode": 400, "message": "Local IPs not allowed as URL", "error": "BadRequest"}

    def refuses(request: Request, response: Response) -> Response:
        asked = request.url.hostname == names.public_host("infisical") and request.url.path == "/api/v1/sso/oidc/login"
        return JSONResponse(told, 400) if asked else response

    world.applications.tampering.append(refuses)


@fault(
    "grafana-sends-a-request-object",
    known_from="recordings/oidc/authorize-request-param.json",
    turns_red=("OIDC-RP-02[grafana]",),
    blocks=("[grafana]",),
)
def grafana_sends_a_request_object(world: World) -> None:
    """Grafana's authorization request carries a request object, which Authentik does not support."""
    world.applications.tampering.append(login_asks(names.public_host("grafana"), "request=e30.e30."))


@fault(
    "argocd-refuses-the-way-back",
    known_from="field/reports.md 34: 400 Invalid redirect URL after a click, not for a bare /auth/login",
    turns_red=("OIDC-RP-01[argocd]",),
    blocks=("[argocd]",),
)
def argocd_refuses_the_way_back(world: World) -> None:
    """ArgoCD's page asks for the way back to itself, and ArgoCD takes that for a foreign address."""

    def refuses(request: Request, response: Response) -> Response:
        asked = request.url.hostname == names.public_host("argocd") and "return_url" in request.query_params
        return Response("Invalid redirect URL\n", 400, media_type="text/plain") if asked else response

    world.applications.tampering.append(refuses)


@fault(
    "argocd-trusts-the-old-issuer",
    known_from="facts/argocd.md: the issuer in argocd-cm after a domain moved",
    turns_red=("OIDC-RP-03[argocd]",),
    blocks=("[argocd]",),
)
def argocd_trusts_the_old_issuer(world: World) -> None:
    """Authentik's domain moved, and argocd-cm still names the issuer at the old one."""
    world.applications["argocd"].issuer = f"https://{_OLD_HOST}/application/o/argocd/"
