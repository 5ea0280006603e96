"""Faults of the published keys."""

from __future__ import annotations

from datetime import timedelta

from lab import seeded
from lab.authentik.accounts import stable_uuid
from lab.authentik.keys import key_pair
from lab.faults import fault
from lab.faults.rewriting import Document
from lab.world import World


def _change_first_key(world: World, **members: object) -> None:
    def amend(document: Document) -> Document:
        first, *others = document["keys"]
        return {"keys": [first | members, *others]}

    world.authentik.rules.amend_jwks = amend


@fault(
    "keys-withheld",
    known_from="recordings/oidc/jwks-no-signing-key.json",
    turns_red=("OIDC-JWKS-01",),
    blocks=("OIDC-CODE-01", "OIDC-JWKS", "OIDC-LOGIN", "OIDC-UINFO-02"),
)
def keys_withheld(world: World) -> None:
    """Every key set is served empty, although ID tokens are signed with a key."""
    world.authentik.rules.amend_jwks = lambda _: {}


@fault("private-key-published", known_from="RFC 7517 section 9.2", turns_red=("OIDC-JWKS-02",))
def private_key_published(world: World) -> None:
    """The key sets carry the private half of each key beside the public one."""

    def amend(document: Document) -> Document:
        pairs = {pair.kid: pair for pair in world.authentik.certificates.values()}
        return {"keys": [pairs[key["kid"]].signing_key.as_dict(private=True) | key for key in document["keys"]]}

    world.authentik.rules.amend_jwks = amend


@fault("two-keys-with-one-kid", known_from="RFC 7517 section 4.5", turns_red=("OIDC-JWKS-03",))
def two_keys_with_one_kid(world: World) -> None:
    """After a rotation two published keys have the same kid, so that clients pick the wrong one."""
    other = key_pair(stable_uuid("certificate", "rotated"), "rotated").public_jwk

    def amend(document: Document) -> Document:
        keys = document["keys"]
        return {"keys": [*keys, other | {"kid": keys[0]["kid"]}]}

    world.authentik.rules.amend_jwks = amend


@fault(
    "key-with-exponent-one",
    known_from="RFC 8017 sections 3.1 and 5.2.2: by the exponent 1 a signature is the text itself",
    turns_red=("OIDC-JWKS-03",),
)
def key_with_exponent_one(world: World) -> None:
    """A second key stands in the key sets, by whose public exponent anybody can sign."""
    other = key_pair(stable_uuid("certificate", "planted"), "planted").public_jwk
    planted = {name: value for name, value in other.items() if not name.startswith("x5")} | {"e": "AQ"}
    world.authentik.rules.amend_jwks = lambda document: {"keys": [*document["keys"], planted]}


@fault("x5c-of-another-key", known_from="RFC 7517 section 4.7", turns_red=("OIDC-JWKS-04",))
def x5c_of_another_key(world: World) -> None:
    """The certificate in the key sets is not the one of the key beside it."""
    _change_first_key(world, x5c=key_pair(stable_uuid("certificate", "rotated"), "rotated").public_jwk["x5c"])


@fault(
    "signing-certificate-expired",
    known_from="facts/authentik-oidc.md: the first certificate lives for about a year",
    turns_red=("OIDC-PROV-06[grafana]", "OIDC-JWKS-04[grafana]"),
    warns=True,
    other_roots=("OIDC-JWKS-04",),
)
def signing_certificate_expired(world: World) -> None:
    """The certificate of Grafana's signing key ended a week ago; Authentik goes on signing with it."""
    now = world.clock.started
    pk = stable_uuid("certificate", "expired")
    pair = key_pair(pk, "expired", begins=now - timedelta(days=372), ends=now - timedelta(days=7))
    world.authentik.certificates[pk] = pair
    provider = seeded.provider(world, "grafana")
    provider.signing_key = pk
