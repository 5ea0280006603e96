"""Certificates: good and bad examples, and what only some of them have."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fixtures.exchange.certificates import named_hosts
from fixtures.topics.certificates.rules import common_name, days_left, is_proxy_default

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())


def certificate(common="grafana.example.org", hosts=("grafana.example.org",), days=30.0, addresses=()):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)] if common else [])
    builder = x509.CertificateBuilder(subject, subject, KEY.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(NOW - timedelta(days=90)).not_valid_after(NOW + timedelta(days=days))
    if hosts or addresses:
        names = [*map(x509.DNSName, hosts), *addresses]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(KEY, hashes.SHA256())


@pytest.mark.parametrize("days", [30.0, 2.5, 0.0, -1.0])
def test_how_long_it_lives(days):
    assert days_left(certificate(days=days), NOW) == pytest.approx(days, abs=1e-4)


def test_what_it_is_for():
    assert named_hosts(certificate(hosts=("a.example.org", "*.example.org"))) == ("a.example.org", "*.example.org")
    assert common_name(certificate("a.example.org")) == "a.example.org"


def test_an_old_or_bare_one_names_nothing():
    assert named_hosts(certificate(hosts=())) == ()
    assert common_name(certificate(common="")) == ""


def test_the_proxys_own_is_known_by_its_name_alone():
    """Traefik draws a host name at each start, so that nothing else of it is the same twice."""
    assert is_proxy_default(certificate("TRAEFIK DEFAULT CERT", ("a1b2.c3d4.traefik.default",)))
    assert not is_proxy_default(certificate("grafana.example.org"))
    assert not is_proxy_default(certificate("traefik.example.org", ("TRAEFIK.DEFAULT.CERT",)))
    assert not is_proxy_default(certificate(common=""))
