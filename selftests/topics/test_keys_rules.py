"""The judges of published keys, shown keys as Authentik publishes them and what can be wrong with them."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey, RSAKey

from fixtures.topics.keys.rules import KeySet, PublishedKey, certifies, foreign_certificates, key_complaints
from selftests.support.answers import json_answer

BITS = 2048
_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_EC = ec.generate_private_key(ec.SECP256R1())


def _published(private, algorithm, kid, kind):
    public = kind.import_key(private.public_key()).as_dict(private=False)
    return PublishedKey({**public, "alg": algorithm, "kid": kid, "use": "sig", "x5c": [_certificate(private)]})


def _with(key, **members):
    return PublishedKey({**key.members, **members})


def _certificate(private):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "signing")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=30))
    return base64.b64encode(builder.sign(private, hashes.SHA256()).public_bytes(Encoding.DER)).decode()


RSA_KEY = _published(_RSA, "RS256", "rsa", RSAKey)
EC_KEY = _published(_EC, "ES256", "ec", ECKey)


def test_good_keys():
    assert key_complaints([RSA_KEY, EC_KEY], BITS) == []
    encryption = _with(RSA_KEY, kid="enc", use="enc", alg="RSA-OAEP-256")
    assert key_complaints([RSA_KEY, encryption], BITS) == []


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"kid": ""}, "a key without kid: has no kid"),
        ({"kid": 7}, "key 7…: has a kid that is not text"),
        ({"kid": "k" * 2000}, "key kkkkkkkkkkkkkkkk…: has a kid of 2,000 characters"),
        ({"alg": "ES256"}, "key rsa…: is a RSA key for 'sig', but says alg 'ES256'"),
        ({"use": "enc"}, "key rsa…: is a RSA key for 'enc', but says alg 'RS256'"),
        ({"use": "other"}, "key rsa…: has use 'other' and kty 'RSA'"),
        ({"n": "AQAB"}, "key rsa…: has 17 bits, fewer than 2048"),
        ({"n": 3}, "key rsa…: has 0 bits"),
        ({"n": None}, "key rsa…: has"),
        ({"e": "AQ"}, "key rsa…: has the exponent 1:"),
        ({"e": "AAAB"}, "key rsa…: has the exponent 1:"),
        ({"e": "AQAA"}, "key rsa…: has an even exponent"),
        ({"e": "Ag"}, "key rsa…: has an even exponent"),
        ({"e": ""}, "key rsa…: has no exponent"),
        ({"e": "AA"}, "key rsa…: has no exponent"),
        ({"e": None}, "key rsa…: has no exponent"),
        ({"e": 65537}, "key rsa…: has no exponent"),
        ({"e": base64.urlsafe_b64encode(b"\xff" * 300).decode()}, "key rsa…: has an exponent that is not below"),
    ],
)
def test_a_wrong_key(changed, complaint):
    complaints = key_complaints([_with(RSA_KEY, **changed)], BITS)
    assert any(found.startswith(complaint) for found in complaints), complaints


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"x": "AQ"}, "key ec…: has a point that is not on its curve"),
        ({"x": "AQ", "y": "AQ"}, "key ec…: has a point that is not on its curve"),
        ({"y": None}, "key ec…: has no point that can be read"),
        ({"x": 7}, "key ec…: has no point that can be read"),
        ({"crv": "P-384", "alg": "ES384"}, "key ec…: has a point that is not on its curve"),
    ],
)
def test_a_point_that_verifies_nothing(changed, complaint):
    assert key_complaints([_with(EC_KEY, **changed)], BITS) == [complaint]


@pytest.mark.parametrize("exponent", ["Aw", "EQ", "AQAB", "AAEAAQ"])
def test_an_exponent_that_is_in_use(exponent):
    assert key_complaints([_with(RSA_KEY, e=exponent)], BITS) == []


def test_two_keys_with_one_kid():
    assert key_complaints([RSA_KEY, _with(EC_KEY, kid="rsa")], BITS) == ["2 keys have the kid 'rsa'"]
    # One pair that signs and encrypts is published twice.
    assert key_complaints([RSA_KEY, _with(RSA_KEY, use="enc", alg="RSA-OAEP-256")], BITS) == []


def test_a_curve_that_the_algorithm_does_not_mean():
    (complaint,) = key_complaints([_with(EC_KEY, alg="ES384")], BITS)
    assert "on curve 'P-256'" in complaint


def test_the_algorithm_may_be_left_out():
    assert (
        key_complaints([PublishedKey({name: RSA_KEY.members[name] for name in ("kty", "kid", "n", "e", "use")})], BITS)
        == []
    )


def test_a_weak_key_by_a_stricter_bound():
    assert key_complaints([RSA_KEY], 3072) == ["key rsa…: has 2048 bits, fewer than 3072"]


@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_private_material(member):
    assert _with(RSA_KEY, **{member: "AQAB"}).private_members == (member,)


def test_a_symmetric_key():
    assert PublishedKey({"kty": "oct", "k": "AQAB"}).private_members == ("k", "kty")
    assert RSA_KEY.private_members == ()
    assert EC_KEY.private_members == ()


@pytest.mark.parametrize(("key", "other"), [(RSA_KEY, EC_KEY), (EC_KEY, RSA_KEY)])
def test_certificates(key, other):
    own, foreign = key.certificate, other.certificate
    assert own is not None
    assert foreign is not None
    assert certifies(own, key)
    assert not certifies(foreign, key)


def test_a_certificate_of_another_key_of_the_same_kind():
    another = _published(rsa.generate_private_key(65537, 2048), "RS256", "x", RSAKey).certificate
    assert another is not None
    assert not certifies(another, RSA_KEY)


def test_keys_whose_certificate_is_not_theirs():
    assert foreign_certificates([RSA_KEY, EC_KEY, PublishedKey({"kty": "RSA"})]) == []
    swapped = _with(RSA_KEY, x5c=EC_KEY.members["x5c"])
    unreadable = _with(EC_KEY, x5c=["!"])
    assert foreign_certificates([swapped, unreadable]) == ["key rsa…", "key ec…"]


def test_no_certificate():
    assert PublishedKey({"kty": "RSA"}).certificate is None
    assert PublishedKey({"kty": "RSA", "x5c": []}).certificate is None


@pytest.mark.parametrize("chain", [["!"], ["AAAA"], [1], "MIIB", {"0": "MIIB"}, 5])
def test_an_unreadable_certificate(chain):
    key = _with(RSA_KEY, x5c=chain)
    assert key.certificate is None
    assert foreign_certificates([key]) == ["key rsa…"]


def test_a_long_kid_is_shortened():
    assert PublishedKey({"kid": "k" * 64}).name == f"key {'k' * 16}…"


@pytest.mark.parametrize(
    ("document", "kids"),
    [
        ({"keys": [{"kid": "a"}, {"kid": "b"}]}, ["a", "b"]),
        ({"keys": []}, []),
        ({}, []),
        ({"keys": None}, []),
        ({"keys": {"kid": "a"}}, []),
        ({"keys": [{"kid": "a"}, "b"]}, []),
        ([], []),
    ],
)
def test_the_keys_of_a_set(document, kids):
    assert [key.text("kid") for key in KeySet(json_answer(document)).keys] == kids
