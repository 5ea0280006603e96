"""Certificate-key pairs: what Authentik signs tokens with. Keys are made once a process, certificates rarely."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from threading import Lock
from typing import Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey, KeyParameters, RSAKey

Kind = Literal["rsa", "ec"]
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
SELF_SIGNED: Final = "authentik Self-signed Certificate"
# Authentik makes its first pair this long-lived.
_LIFETIME: Final = timedelta(days=365)
_MATERIAL: Final = ("crv", "n", "e", "x", "y")
_DRAWING: Final = Lock()
_ALGORITHMS: Final[Mapping[Kind, str]] = {"rsa": "RS256", "ec": "ES256"}


def private_key(name: str, kind: Kind) -> PrivateKey:
    """The process's key of that name; drawn at first use, once for all labs that are made at the same time."""
    with _DRAWING:
        return _drawn(name, kind)


@cache
def _drawn(_name: str, kind: Kind) -> PrivateKey:
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def self_signed(name: str, begins: datetime, ends: datetime, kind: Kind) -> bytes:
    """A DER certificate of the key `name`, as Authentik's generator makes them."""
    key = private_key(name, kind)
    subject = [(NameOID.COMMON_NAME, name), (NameOID.ORGANIZATION_NAME, "authentik")]
    subject.append((NameOID.ORGANIZATIONAL_UNIT_NAME, "Self-signed"))
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(oid, value) for oid, value in subject]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authentik 2026.5.0-rc1")]))
        .not_valid_before(begins)
        .not_valid_after(ends)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _unpadded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


@dataclass
class CertificateKeyPair:
    """A pair as the API lists it, drawn when somebody looks. Replace a pair, rather than its key, to change it."""

    pk: str
    name: str
    begins: datetime
    ends: datetime
    kind: Kind = "rsa"

    @cached_property
    def key(self) -> PrivateKey:
        """The private key."""
        return private_key(self.name, self.kind)

    @cached_property
    def certificate(self) -> bytes:
        """The certificate, DER."""
        return self_signed(self.name, self.begins, self.ends, self.kind)

    @cached_property
    def parsed(self) -> x509.Certificate:
        """The certificate, read."""
        return x509.load_der_x509_certificate(self.certificate)

    @property
    def expires(self) -> datetime:
        """The end of the certificate's validity, UTC."""
        return self.parsed.not_valid_after_utc

    @property
    def algorithm(self) -> str:
        """The JWS algorithm Authentik uses with this key."""
        return _ALGORITHMS[self.kind]

    @cached_property
    def kid(self) -> str:
        """The key's id in key set and token headers."""
        public = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return _unpadded(hashlib.sha512(public).digest())

    @cached_property
    def signing_key(self) -> RSAKey | ECKey:
        """The private key for joserfc: as it is, for one that is read from PEM is proved anew, which takes 20 ms."""
        parameters: KeyParameters = {"kid": self.kid, "alg": self.algorithm, "use": "sig"}
        if isinstance(self.key, rsa.RSAPrivateKey):
            return RSAKey(self.key, self.key, parameters)
        return ECKey(self.key, self.key, parameters)

    @cached_property
    def public_jwk(self) -> dict[str, object]:
        """The entry of the key set, certificate and thumbprints included."""
        public = self.signing_key.as_dict(private=False)
        head: dict[str, object] = {"alg": self.algorithm, "kid": self.kid, "kty": public["kty"], "use": "sig"}
        material: dict[str, object] = {name: public[name] for name in _MATERIAL if name in public}
        return {
            **head,
            **material,
            "x5c": [base64.b64encode(self.certificate).decode()],
            "x5t": _unpadded(hashlib.sha1(self.certificate).digest()),  # noqa: S324 - RFC 7517 4.8
            "x5t#S256": _unpadded(hashlib.sha256(self.certificate).digest()),
        }

    def fingerprint(self, algorithm: str) -> str:
        """The certificate's fingerprint (`sha1`, `sha256`) as the API prints it."""
        return hashlib.new(algorithm, self.certificate).digest().hex(":")


def key_pair(
    pk: str,
    name: str,
    *,
    begins: datetime | None = None,
    ends: datetime | None = None,
    kind: Kind = "rsa",
) -> CertificateKeyPair:
    """A pair with a self-signed certificate; by default a fresh year, counted from the process's start."""
    begins = begins or _today()
    return CertificateKeyPair(pk, name, begins, ends or begins + _LIFETIME, kind)


@cache
def _today() -> datetime:
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
