"""Certificates that are none any more: each byte of a good one is another, or the last."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from fixtures.exchange.certificates import named_hosts, read_certificate
from fixtures.topics.certificates.rules import days_left, is_proxy_default
from fixtures.topics.keys.rules import PublishedKey, certifies

# Other types and lengths of ASN.1, and other characters.
BYTES = (0x00, 0x02, 0x05, 0x06, 0x1F, 0x30, 0x7F, 0x80, 0x84, 0xFF)


@pytest.fixture(scope="module")
def good() -> bytes:
    """A certificate as it is sent."""
    issued = trustme.CA().issue_cert("auth.example", "192.0.2.7", "x@auth.example").cert_chain_pems[0].bytes()
    return x509.load_pem_x509_certificate(issued).public_bytes(Encoding.DER)


def broken(good: bytes) -> list[bytes]:
    """All of them."""
    changed = [good[:at] + bytes([byte]) + good[at + 1 :] for at in range(len(good)) for byte in BYTES]
    return [*changed, *(good[:end] for end in range(len(good))), good * 2, b""]


def test_what_a_host_presents_is_read_or_said_to_be_none(good):
    read = 0
    for der in broken(good):
        try:
            certificate = read_certificate(der)
        except ValueError:
            continue
        read += 1
        days_left(certificate, datetime.now(UTC)), is_proxy_default(certificate), named_hosts(certificate)
    assert read > 1000


def test_what_a_key_set_publishes_is_read_or_nobody_s(good):
    owner = read_certificate(good)
    assert certifies(owner, PublishedKey({"kty": "EC", "crv": "P-256"})) is False
    read = 0
    for der in broken(good):
        key = PublishedKey({"kty": "EC", "x5c": [base64.b64encode(der).decode()]})
        assert not certifies(key.certificate, key)
        if key.certificate is not None:
            read += 1
            days_left(key.certificate, datetime.now(UTC))
    assert read > 1000
