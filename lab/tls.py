"""Certificates of the lab: one throw-away authority; each public host presents what a fault says it does."""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lab import names

LIFETIME_DAYS: Final = 90
# What Traefik presents for a name that it has no certificate for.
DEFAULT_COMMON_NAME: Final = "TRAEFIK DEFAULT CERT"
KUBERNETES_NAMES: Final = ("127.0.0.1", "localhost", "kubernetes.default.svc")


@dataclass(frozen=True)
class HostCertificate:
    """What a public host presents.

    `good` is the authority's wildcard; `default` the proxy's own self-signed one; `wrong-name` one that the
    authority made for another host; `untrusted` the right name from an authority that nobody knows. `days` is
    how long it still lives, negative when it is over.
    """

    kind: Literal["good", "default", "wrong-name", "untrusted"] = "good"
    days: int = LIFETIME_DAYS


@dataclass(frozen=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def certificate_pem(self) -> bytes:
        """The certificate alone, PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self) -> bytes:
        """The private key, PEM."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


class Authority:
    """A certificate authority that lives as long as the lab."""

    def __init__(self, name: str = "SSO conformance lab CA") -> None:
        self._root = _issue(name, (), None, days=3650)

    def ca_pem(self) -> bytes:
        """The authority's own certificate, PEM."""
        return self._root.certificate_pem()

    def issue(self, alternatives: tuple[str, ...], days: int = LIFETIME_DAYS) -> Issued:
        """A server certificate for these DNS names or addresses."""
        return _issue(alternatives[0], alternatives, self._root, days)


def _issue(common_name: str, alternatives: tuple[str, ...], issuer: Issued | None, days: int) -> Issued:
    """A certificate signed by `issuer`; by itself, and as an authority unless it names hosts, without one."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    ends = datetime.now(UTC) + timedelta(days=days)
    signing = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(ends, datetime.now(UTC)) - timedelta(days=1))
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=not alternatives, path_length=None), critical=True)
        .add_extension(_key_usage(authority=not alternatives), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
    )
    if alternatives:
        names_of_host = x509.SubjectAlternativeName([_general_name(name) for name in alternatives])
        server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(names_of_host, critical=False).add_extension(server, critical=False)
    return Issued(builder.sign(signing, hashes.SHA256()), key)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def server_context(issued: Issued) -> ssl.SSLContext:
    """A context that presents `issued`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    # The ssl module only reads chains from files.
    with tempfile.TemporaryDirectory() as folder:
        chain = Path(folder) / "chain.pem"
        chain.touch(mode=0o600)
        chain.write_bytes(issued.key_pem() + issued.certificate_pem())
        context.load_cert_chain(chain)
    return context


def ingress_context(authority: Authority, certificates: Callable[[], Mapping[str, HostCertificate]]) -> ssl.SSLContext:
    """The ingress's context: presents by SNI what `certificates()` says at that moment for the host.

    A host of the estate's domain that is not mentioned has the wildcard; any other name gets the default.
    """

    @cache
    def context_of(kind: str, days: int, host: str) -> ssl.SSLContext:
        return server_context(_presented(authority, HostCertificate(kind, days), host))  # type: ignore[arg-type]

    def choose(connection: ssl.SSLObject, server_name: str | None, _: ssl.SSLContext) -> None:
        presented = certificate_for(server_name or "", certificates())
        # Only what an unknown authority signed carries the host's own name.
        host = (server_name or "") if presented.kind == "untrusted" else ""
        connection.context = context_of(presented.kind, presented.days, host)

    default = server_context(_presented(authority, HostCertificate("default"), ""))
    default.sni_callback = choose
    return default


def certificate_for(host: str, certificates: Mapping[str, HostCertificate]) -> HostCertificate:
    """What the ingress presents for `host`."""
    ours = host.endswith(f".{names.DOMAIN}")
    return certificates.get(host, HostCertificate("good" if ours else "default"))


def _presented(authority: Authority, wanted: HostCertificate, host: str) -> Issued:
    if wanted.kind == "default":
        return _issue(DEFAULT_COMMON_NAME, ("0123456789abcdef.traefik.default",), None, wanted.days)
    if wanted.kind == "untrusted":
        return Authority("An authority that nobody knows").issue((host,), wanted.days)
    if wanted.kind == "wrong-name":
        return authority.issue((f"elsewhere.{names.DOMAIN}",), wanted.days)
    return authority.issue((f"*.{names.DOMAIN}",), wanted.days)
