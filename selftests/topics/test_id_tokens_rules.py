"""ID tokens: one that a relying party may believe, and every way in which it must not."""

import base64
import re

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from fixtures.model.secret import Secret
from fixtures.topics.keys.rules import PublishedKey
from fixtures.topics.tokens.rules import Expected, is_encrypted, subject_of, why_unbelievable

NOW = 1_780_000_000
NONCE = "nonce-that-was-sent-0123456789"
EXPECTED = Expected("https://auth.example.org/application/o/a/", "client-a", Secret(NONCE), NOW, 30)
KEY, OTHER = (RSAKey.generate_key(2048, {"kid": kid}, private=True) for kid in ("first", "second"))
EC_KEY = ECKey.generate_key("P-256", {"kid": "curve"}, private=True)
# RFC 8037 names both curves EdDSA, RFC 9864 each by itself.
TWISTED = {curve: OKPKey.generate_key(curve, {"kid": curve}, private=True) for curve in ("Ed25519", "Ed448")}
EDWARDS = [(TWISTED["Ed25519"], "EdDSA"), *((key, curve) for curve, key in TWISTED.items())]
SHARED = OctKey.import_key("a-client-secret-that-both-sides-know", {"kid": "first"})
PUBLISHED = [PublishedKey(key.as_dict(private=False)) for key in (KEY, EC_KEY, *TWISTED.values())]
CLAIMS = {
    "iss": EXPECTED.issuer,
    "sub": "subject",
    "aud": EXPECTED.client_id,
    "exp": NOW + 300,
    "iat": NOW - 1,
    "nonce": NONCE,
}


def token(claims=None, *, key=KEY, algorithm="RS256", without=(), **changed):
    said = {name: value for name, value in {**CLAIMS, **(claims or {}), **changed}.items() if name not in without}
    header = {"alg": algorithm, "kid": key.kid}
    return Secret(jwt.encode(header, said, key, algorithms=[algorithm]))


def refusal(id_token, keys=PUBLISHED):
    said = why_unbelievable(id_token, keys, EXPECTED)
    assert NONCE not in said
    assert not id_token or id_token.reveal() not in said
    return said


@pytest.mark.parametrize(
    "good",
    [
        token(),
        token(aud=["client-a"]),
        token(exp=NOW - 20, iat=NOW + 20),
        token(key=EC_KEY, algorithm="ES256"),
        token(azp="client-a", groups=["a", "b"]),
    ],
    ids=["plain", "audience", "leeway", "elliptic curve", "more claims"],
)
def test_a_good_token(good):
    assert not why_unbelievable(good, PUBLISHED, EXPECTED)
    assert subject_of(good) == "subject"


# joserfc warns of the older name, which Authentik uses.
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize(("key", "algorithm"), EDWARDS, ids=["EdDSA", "Ed25519", "Ed448"])
def test_a_good_token_of_an_edwards_curve(key, algorithm):
    assert not why_unbelievable(token(key=key, algorithm=algorithm), PUBLISHED, EXPECTED)


def test_published_private_members_are_not_used():
    """Whether a key set holds them is another check's; verifying needs none."""
    assert not why_unbelievable(token(), [PublishedKey(KEY.as_dict(private=True))], EXPECTED)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (token(iss="https://auth.example.org/application/o/b/"), "its issuer is"),
        (token(iss=EXPECTED.issuer.rstrip("/")), "its issuer is"),
        (token(aud="client-b"), "meant for 'client-b'"),
        (token(nonce="another-nonce"), "its nonce is not the one"),
        (token(exp=NOW - 60), "it ended 60 s ago"),
        (token(iat=NOW + 60), "60 s in the future"),
        (token(exp="soon"), "its exp is malformed"),
        *((token(without=(name,)), f"it has no {name}") for name in CLAIMS),
    ],
)
def test_a_claim_that_is_wrong_or_missing(bad, said):
    assert said in refusal(bad)


def test_a_signature_by_another_key():
    impostor = RSAKey.import_key({**OTHER.as_dict(private=True), "kid": "first"})
    assert "not by the published key" in refusal(token(key=impostor))
    assert "no published key has its kid" in refusal(token(key=OTHER))
    assert "no published key has its kid" in refusal(token(), PUBLISHED[1:])


def test_a_changed_payload():
    head, payload, signature = token().reveal().split(".")
    other = token(sub="somebody-else").reveal().split(".")[1]
    assert payload != other
    assert "its signature is not" in refusal(Secret(f"{head}.{other}.{signature}"))


def test_algorithms_that_prove_nothing():
    by_secret = token(key=SHARED, algorithm="HS256")
    assert "shared secret, or by none" in refusal(by_secret)
    assert refusal(by_secret, [PublishedKey(SHARED.as_dict(private=True))])
    head = base64.urlsafe_b64encode(b'{"alg":"none","kid":"first"}').decode().rstrip("=")
    unsigned = f"{head}.{token().reveal().split('.')[1]}."
    assert "shared secret, or by none" in refusal(Secret(unsigned))


@pytest.mark.parametrize("text", ["garbage", "a.b.c", "", "eyJhbGciOiJSUzI1NiJ9.e30.", "....", "é.ü.ö"])
def test_what_is_no_token(text):
    said = why_unbelievable(Secret(text), PUBLISHED, EXPECTED)
    assert re.match(r"it is (no|signed)|its signature|it cannot", said)
    assert subject_of(Secret(text)) == ""


@pytest.mark.parametrize(
    "keys",
    [
        [{"kty": "RSA", "kid": "first", "n": "!", "e": "AQAB"}],
        [{"kty": "what"}],
        [{"kty": ["RSA"]}],
        [{"kty": {}}],
        [{}],
        [],
    ],
)
def test_keys_that_cannot_be_read(keys):
    assert refusal(token(), [PublishedKey(key) for key in keys])


def test_a_key_that_cannot_be_used_beside_the_one_that_signed():
    """RFC 7517 section 5: it is passed over, and OIDC-JWKS-03 says what is wrong with it."""
    planted = PublishedKey({**OTHER.as_dict(private=False), "e": "AQ"})
    assert why_unbelievable(token(), [planted, *PUBLISHED], EXPECTED) == ""
    assert "malformed" in why_unbelievable(token(), [planted], EXPECTED)


@pytest.mark.parametrize(
    ("token", "so"), [("a.b.c.d.e", True), ("a..c.d.e", True), ("a.b.c", False), ("opaque", False), ("", False)]
)
def test_a_token_of_five_parts_is_encrypted(token, so):
    assert is_encrypted(Secret(token)) is so
