"""Documents, keys, redirects and answers that differ from the usual in what does not matter."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from lab import names, seeded
from lab.authentik.accounts import stable_uuid
from lab.authentik.keys import key_pair
from lab.faults.rewriting import DISCOVERY, Document, amended, at, where, with_header, without_header
from lab.tls import HostCertificate
from lab.variants import variant
from lab.world import World


def _more_members(world: World, slug: str, **members: object) -> None:
    """Change members of one application's discovery document, besides what was changed before."""
    before = world.authentik.rules.amend_discovery
    further = amended(slug, lambda document: document | members)
    world.authentik.rules.amend_discovery = lambda document: further(before(document))


@variant("discovery-with-a-member-more", of=("discovery-lacks-subject-types",))
def discovery_with_a_member_more(world: World) -> None:
    """Grafana's document has a member that the specification leaves open."""
    _more_members(world, "grafana", frontchannel_logout_supported=False)


@variant("second-algorithm-offered", of=("unsigned-tokens-offered",))
def second_algorithm_offered(world: World) -> None:
    """Grafana's document offers another asymmetric algorithm beside the one in use."""
    _more_members(world, "grafana", id_token_signing_alg_values_supported=["RS256", "ES256"])


@variant("s256-alone-offered", of=("s256-not-offered",))
def s256_alone_offered(world: World) -> None:
    """ArgoCD's document offers no plain PKCE, which is as it should be."""
    _more_members(world, "argocd", code_challenge_methods_supported=["S256"])


@variant("more-client-authentication-offered", of=("client-authentication-not-offered",))
def more_client_authentication_offered(world: World) -> None:
    """Infisical's document offers a way of client authentication that nobody uses, besides the usual ones."""
    methods = ["client_secret_post", "client_secret_basic", "private_key_jwt"]
    _more_members(world, "infisical", token_endpoint_auth_methods_supported=methods)


@variant("not-found-with-a-page", of=("anything-is-found",))
def not_found_with_a_page(world: World) -> None:
    """The ingress has a friendly page for what is not there, and says 404 with it."""

    def is_missing(request: Request, response: Response) -> bool:
        return response.status_code == 404 and request.url.path.endswith(DISCOVERY)

    page = HTMLResponse("<!doctype html><title>Nothing here</title>", 404)
    world.edge.tampering.append(where(is_missing, lambda _request, _response: page))


@variant("key-published-ahead", of=("two-keys-with-one-kid",))
def key_published_ahead(world: World) -> None:
    """The key of the next rotation is published already, with a kid of its own."""
    coming = key_pair(stable_uuid("certificate", "coming"), "coming").public_jwk
    before = world.authentik.rules.amend_jwks
    world.authentik.rules.amend_jwks = lambda document: {"keys": [*before(document)["keys"], coming]}


@variant("key-without-a-thumbprint", of=("x5c-of-another-key",))
def key_without_a_thumbprint(world: World) -> None:
    """The key sets leave the certificate's thumbprints out, which are optional."""
    before = world.authentik.rules.amend_jwks

    def without(key: Document) -> Document:
        return {name: value for name, value in key.items() if not name.startswith("x5t")}

    world.authentik.rules.amend_jwks = lambda document: {"keys": [without(key) for key in before(document)["keys"]]}


@variant("signing-certificate-ends-in-two-months", of=("signing-certificate-ends-soon",))
def signing_certificate_ends_in_two_months(world: World) -> None:
    """The certificate of ArgoCD's signing key ends in sixty days."""
    now = world.clock.started
    pk = stable_uuid("certificate", "two months")
    pair = key_pair(pk, "two months", begins=now - timedelta(days=305), ends=now + timedelta(days=60))
    world.authentik.certificates[pk] = pair
    provider = seeded.provider(world, "argocd")
    provider.signing_key = pk


@variant("signed-with-an-elliptic-curve", of=("signing-certificate-expired",))
def signed_with_an_elliptic_curve(world: World) -> None:
    """Grafana's provider signs with another key than the others, an elliptic curve's: its tokens are ES256."""
    pair = key_pair(stable_uuid("certificate", "curve"), "curve", kind="ec")
    world.authentik.certificates[pair.pk] = pair
    seeded.provider(world, "grafana").signing_key = pair.pk


@variant("error-parameters-in-another-order", of=("state-lost-on-the-way",))
def error_parameters_in_another_order(world: World) -> None:
    """A middleware turns the parameters of error redirects round; none is lost."""

    def tells_error(request: Request, response: Response) -> bool:
        authorizes = request.url.path.startswith("/application/o/authorize/")
        return authorizes and "error=" in response.headers.get("location", "")

    def turn_round(_: Request, response: Response) -> Response:
        target = urlsplit(response.headers["location"])
        query = urlencode(list(reversed(parse_qsl(target.query, keep_blank_values=True))))
        response.headers["location"] = urlunsplit(target._replace(query=query))
        return response

    world.edge.tampering.append(where(tells_error, turn_round))


@variant("login-page-protected-by-csp", of=("login-page-may-be-framed",))
def login_page_protected_by_csp(world: World) -> None:
    """A headers middleware replaces X-Frame-Options by its successor, frame-ancestors."""
    flows = at("/if/flow/")
    world.edge.tampering.append(where(flows, without_header("x-frame-options")))
    world.edge.tampering.append(where(flows, with_header("content-security-policy", "frame-ancestors 'none'")))


@variant("login-page-framed-by-a-named-site", of=("login-page-framed-by-policy", "login-page-tells-where-it-is"))
def login_page_framed_by_a_named_site(world: World) -> None:
    """A dashboard of the estate's may frame the login page; an older browser is told another Referrer-Policy first."""
    flows, policy = at("/if/flow/"), f"frame-ancestors 'self' https://home.{names.DOMAIN}"
    world.edge.tampering.append(where(flows, with_header("content-security-policy", policy)))
    referrers = "no-referrer-when-downgrade, strict-origin-when-cross-origin"
    world.edge.tampering.append(where(flows, with_header("referrer-policy", referrers)))


@variant("token-answers-private-too", of=("token-answers-may-be-kept",))
def token_answers_private_too(world: World) -> None:
    """A headers middleware says private besides no-store at the token endpoint."""
    world.edge.tampering.append(where(at("/application/o/token/"), with_header("cache-control", "private, no-store")))


@variant("id-token-with-a-claim-more", of=("nonce-forgotten",))
def id_token_with_a_claim_more(world: World) -> None:
    """ID tokens carry a claim that nobody asked for."""
    world.authentik.rules.amend_id_token = lambda claims: claims | {"zoneinfo": "Europe/Madrid"}


@variant("userinfo-with-a-claim-more", of=("userinfo-of-somebody-else",))
def userinfo_with_a_claim_more(world: World) -> None:
    """Userinfo says more of the user than was asked for."""
    world.authentik.rules.amend_userinfo = lambda claims: claims | {"zoneinfo": "Europe/Madrid"}


@variant("clock-two-seconds-fast", of=("clock-a-little-fast",))
def clock_two_seconds_fast(world: World) -> None:
    """The estate's clocks are two seconds fast, as clocks are."""
    world.clock.offset += timedelta(seconds=2)


@variant("certificate-ends-in-forty-days", of=("certificate-ends-soon",))
def certificate_ends_in_forty_days(world: World) -> None:
    """Hubble's host has a certificate of its own, which ends in forty days: renewal begins thirty before."""
    world.edge.certificates[names.public_host("hubble")] = HostCertificate(days=40)


@variant("plain-http-redirected-for-now", of=("plain-http-served", "plain-http-sent-to-a-portal"))
def plain_http_redirected_for_now(world: World) -> None:
    """The entry point `web` redirects with 302 in place of 301."""
    world.edge.redirect_permanent = False
