"""Certificates of the lab: one throw-away authority; each public host presents what a fault says it does."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final, Literal, NamedTuple

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lab import names

LIFETIME_DAYS: Final = 90
# What Traefik presents for a name that it has no certificate for.
DEFAULT_COMMON_NAME: Final = "TRAEFIK DEFAULT CERT"
DEFAULT_HOST: Final = "0123456789abcdef.traefik.default"
KUBERNETES_NAMES: Final = ("127.0.0.1", "localhost", "kubernetes.default.svc")


class HostCertificate(NamedTuple):
    """What a public host presents.

    `good` is the authority's wildcard; `default` the proxy's own self-signed one; `wrong-name` one that the
    authority made for another host, `other`; `untrusted` the right name from an authority that nobody knows. `days`
    is how long it still lives, negative when it is over.
    """

    kind: Literal["good", "default", "wrong-name", "untrusted"] = "good"
    days: int = LIFETIME_DAYS
    other: str = f"elsewhere.{names.DOMAIN}"


def server_context(authority: trustme.CA, *hosts: str, days: int = LIFETIME_DAYS) -> ssl.SSLContext:
    """A context that presents a certificate of the authority for these DNS names or addresses."""
    ends = datetime.now(UTC) + timedelta(days=days)
    issued = authority.issue_cert(*hosts, common_name=hosts[0], not_after=ends)
    return _context(issued.private_key_and_cert_chain_pem.bytes())


def _context(chain: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    # The ssl module only reads chains from files.
    with tempfile.NamedTemporaryFile() as file:
        file.write(chain)
        file.flush()
        context.load_cert_chain(file.name)
    return context


def following_context(authority: trustme.CA, days: Callable[[], int], *hosts: str) -> ssl.SSLContext:
    """As `server_context`, of an estate whose clock is `days()` ahead of this machine's at that moment."""
    context_of = cache(lambda ahead: server_context(authority, *hosts, days=LIFETIME_DAYS + ahead))

    def choose(connection: ssl.SSLObject, _name: str | None, _: ssl.SSLContext) -> None:
        connection.context = context_of(days())

    default = server_context(authority, *hosts)
    default.sni_callback = choose
    return default


def ingress_context(
    authority: trustme.CA, certificates: Callable[[], Mapping[str, HostCertificate]], days: Callable[[], int]
) -> ssl.SSLContext:
    """The ingress's context: presents by SNI what `certificates()` says at that moment for the host.

    A host of the estate's domain that is not mentioned has the wildcard; any other name gets the default. The estate's
    clock is `days()` ahead of this machine's.
    """

    @cache
    def context_of(presented: HostCertificate, host: str) -> ssl.SSLContext:
        match presented.kind:
            case "default":
                return _self_signed(presented.days)
            case "untrusted":
                return server_context(trustme.CA(), host, days=presented.days)
            case "wrong-name":
                return server_context(authority, presented.other, days=presented.days)
        return server_context(authority, f"*.{names.DOMAIN}", days=presented.days)

    def choose(connection: ssl.SSLObject, server_name: str | None, _: ssl.SSLContext) -> None:
        presented = certificate_for(server_name or "", certificates())
        presented = presented._replace(days=presented.days + days())
        # Only what an unknown authority signed carries the host's own name.
        connection.context = context_of(presented, (server_name or "") if presented.kind == "untrusted" else "")

    default = _self_signed(LIFETIME_DAYS)
    default.sni_callback = choose
    return default


def certificate_for(host: str, certificates: Mapping[str, HostCertificate]) -> HostCertificate:
    """What the ingress presents for `host`."""
    ours = host.endswith(f".{names.DOMAIN}")
    return certificates.get(host, HostCertificate("good" if ours else "default"))


def _self_signed(days: int) -> ssl.SSLContext:
    """A context that presents the proxy's default certificate, which is its own issuer: trustme makes none such."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DEFAULT_COMMON_NAME)])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    certificate = (
        builder.not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(DEFAULT_HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    return _context(private + certificate.public_bytes(pem))
