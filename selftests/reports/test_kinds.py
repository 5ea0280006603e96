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


def test_a_certificate_of_other_hosts_is_one_trouble_of_all_that_are_asked():
    said = "Hostname mismatch, certificate is not valid for '{}'."
    one, other = (kinds.certificate_unverified(said.format(name)) for name in ("a.example.org", "b.example.org"))
    assert one == other != kinds.certificate_unverified("self-signed certificate")


def test_a_colon_in_what_a_library_says_is_no_harm():
    written = str(kinds.certificate_unverified("Hostname mismatch: not for auth.example.org"))
    assert str(Kind.read(written)) == written
