"""Faults of codes and tokens, as the suite's own client meets them (RFC 6749, 7009, 7636, 7662)."""

from __future__ import annotations

from starlette.responses import JSONResponse

from lab import seeded
from lab.authentik.accounts import stable_uuid
from lab.authentik.keys import key_pair
from lab.faults import fault
from lab.faults.rewriting import Document, at, where
from lab.world import World

_INTROSPECT = "/application/o/introspect/"
_REVOKE = "/application/o/revoke/"


@fault(
    "signed-by-an-unpublished-key",
    known_from="a key set that a cache in front of Authentik kept over a rotation",
    turns_red=("OIDC-CODE-01", "OIDC-LOGIN-01[argocd]", "OIDC-LOGIN-01[infisical]"),
    blocks=("OIDC-LOGIN", "OIDC-UINFO-02"),
)
def signed_by_an_unpublished_key(world: World) -> None:
    """The published keys are those of before a rotation: no token can be verified by them."""
    old = key_pair(stable_uuid("certificate", "before"), "before").public_jwk
    world.authentik.rules.amend_jwks = lambda _: {"keys": [old]}
    for application in world.applications.by_name.values():
        application.key_sets.clear()


@fault(
    "nonce-forgotten",
    known_from="OpenID Connect Core 1.0 section 3.1.3.7",
    turns_red=("OIDC-CODE-01",),
    blocks=("OIDC-UINFO-02[sso-conformance]",),
)
def nonce_forgotten(world: World) -> None:
    """ID tokens do not carry the nonce that was sent, so that nothing ties them to their login."""

    def without_nonce(claims: Document) -> Document:
        return {name: value for name, value in claims.items() if name != "nonce"}

    world.authentik.rules.amend_id_token = without_nonce


@fault(
    "own-client-secret-wrong",
    known_from="a blueprint applied again with another secret",
    turns_red=("OIDC-CODE-01", "OIDC-REVOK-01"),
    other_roots=("OIDC-REVOK-01",),
    blocks=("OIDC-CODE", "OIDC-INTRO-01", "OIDC-UINFO-02"),
)
def own_client_secret_wrong(world: World) -> None:
    """The provider of the suite's own client has another secret than the estate file leads to."""
    provider = seeded.provider(world, "sso-conformance")
    provider.client_secret = world.secrets.client_secret("sso-conformance, applied again")


@fault("codes-work-twice", known_from="RFC 6749 section 10.5", turns_red=("OIDC-CODE-02",))
def codes_work_twice(world: World) -> None:
    """A code can be exchanged a second time."""
    world.authentik.rules.tolerated_code_uses = 2


@fault("verifiers-ignored", known_from="RFC 9700 section 4.8", turns_red=("OIDC-CODE-03",))
def verifiers_ignored(world: World) -> None:
    """Authentik takes any PKCE verifier, and none, for right."""
    world.authentik.rules.verifier_matches = lambda _code, _verifier: True


@fault("unasked-verifiers-accepted", known_from="RFC 9700 section 4.8.2: PKCE downgrade", turns_red=("OIDC-CODE-03",))
def unasked_verifiers_accepted(world: World) -> None:
    """A verifier is not looked at when the login was begun without a challenge: an attacker takes PKCE off."""
    judged = world.authentik.rules.verifier_matches
    world.authentik.rules.verifier_matches = lambda code, verifier: not code.challenge or judged(code, verifier)


@fault("refresh-tokens-stay", known_from="RFC 9700 section 4.14", turns_red=("OIDC-CODE-04",))
def refresh_tokens_stay(world: World) -> None:
    """A refresh token works again and again until it ends, whoever has it."""
    world.authentik.rules.refresh_rotates = False


@fault(
    "userinfo-of-somebody-else", known_from="a cache that does not vary by Authorization", turns_red=("OIDC-UINFO-02",)
)
def userinfo_of_somebody_else(world: World) -> None:
    """Userinfo answers with the claims of whoever asked before."""
    world.authentik.rules.amend_userinfo = lambda claims: claims | {"sub": "f" * 64}


@fault("introspection-knows-everybody", known_from="RFC 7662 section 4", turns_red=("OIDC-INTRO-01",))
def introspection_knows_everybody(world: World) -> None:
    """Introspection calls any text an active token."""
    world.edge.tampering.append(where(at(_INTROSPECT), lambda _request, _response: JSONResponse({"active": True})))


@fault("revocation-without-effect", known_from="replicas that keep tokens in memory", turns_red=("OIDC-INTRO-01",))
def revocation_without_effect(world: World) -> None:
    """Revocation says yes, and the token goes on working."""
    world.authentik.rules.revocation_ends_token = False


@fault("revocation-by-anybody", known_from="RFC 7009 section 2.1", turns_red=("OIDC-REVOK-01",))
def revocation_by_anybody(world: World) -> None:
    """Something in front of revocation says yes to every client, whatever its secret."""
    world.edge.tampering.append(where(at(_REVOKE), lambda _request, _response: JSONResponse({})))
