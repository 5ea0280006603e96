"""Kinds of trouble: one is another's, narrowed, or has nothing to do with it; reports write them, shares read them."""

import pytest

from fixtures.model import kinds
from fixtures.model.kinds import NO_PROVIDER, Kind, at_the_gate, no_provider_of, ungated

NAMED = [value for value in vars(kinds).values() if isinstance(value, Kind)]


@pytest.mark.parametrize(
    ("narrower", "wider", "is_it"),
    [
        (no_provider_of("longhorn"), NO_PROVIDER, True),
        (ungated("longhorn", "apps/ingressroute/longhorn"), ungated("longhorn"), True),
        (NO_PROVIDER, NO_PROVIDER, False),
        (NO_PROVIDER, no_provider_of("longhorn"), False),
        (no_provider_of("hubble"), no_provider_of("longhorn"), False),
        (ungated("hubble", "route"), ungated("longhorn"), False),
        (at_the_gate("no route"), NO_PROVIDER, False),
        (Kind("no provider of my own"), NO_PROVIDER, False),
    ],
)
def test_a_kind_narrows_the_one_that_says_less(narrower, wider, is_it):
    assert narrower.narrows(wider) is is_it


def test_kinds_are_told_apart():
    assert len({str(kind) for kind in NAMED}) == len(NAMED) >= 15


@pytest.mark.parametrize(
    "kind", [*NAMED, no_provider_of("longhorn"), ungated("longhorn", "apps/ingressroute/longhorn")]
)
def test_a_report_gives_back_the_kind_that_it_was_given(kind):
    assert Kind.read(str(kind)) == kind


def test_without_a_kind_none_is_read():
    assert Kind.read("") is None


MISMATCH = "Hostname mismatch, certificate is not valid for '{}'."


def test_a_certificate_of_other_hosts_is_one_trouble_of_all_that_are_asked():
    one, other = (kinds.certificate_unverified(MISMATCH.format(name)) for name in ("a.example.org", "b.example.org"))
    assert one == other != kinds.certificate_unverified("self-signed certificate")


@pytest.mark.parametrize(
    ("problem", "names", "issuer", "another"),
    [
        # Of two certificates for others one is not the other; whoever signed them.
        (MISMATCH.format("a.example.org"), "one", "CN=R13", ("two", "CN=R13")),
        # Whoever intercepts all hosts makes a certificate for each, in his own name.
        ("self-signed certificate in certificate chain", "one", "CN=Firewall", ("one", "CN=Staging")),
    ],
)
def test_another_certificate_is_another_trouble(problem, names, issuer, another):
    found = kinds.certificate_unverified(problem, names, issuer)
    assert found != kinds.certificate_unverified(problem, *another)
    assert found.narrows(kinds.certificate_unverified(problem))


def test_what_nobody_trusts_is_one_trouble_of_one_issuer():
    found = {kinds.certificate_unverified("self-signed certificate", name, "CN=Firewall") for name in ("a", "b")}
    assert len(found) == 1


@pytest.mark.parametrize("problem", ["certificate has expired", "certificate is not yet valid"])
def test_what_the_time_is_against_is_one_trouble(problem):
    found = {kinds.certificate_unverified(problem, each, f"CN={each}") for each in ("a", "b")}
    assert len(found) == 1
    assert all(map(kinds.by_the_clock, found))


def test_a_colon_in_what_a_library_says_is_no_harm():
    written = str(kinds.certificate_unverified("Hostname mismatch: not for auth.example.org"))
    assert str(Kind.read(written)) == written
