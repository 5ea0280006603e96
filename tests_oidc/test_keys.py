"""The published keys (runbook D11; RFC 7517, RFC 7518)."""

from datetime import UTC, datetime

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.oidc import OidcApplication
from fixtures.estate.places import application_page
from fixtures.model.kinds import no_signing_key
from fixtures.model.remedy import Remedy, page
from fixtures.model.signals import NotApplicable
from fixtures.topics.certificates.rules import days_left
from fixtures.topics.discovery.rules import Discovery
from fixtures.topics.keys.questions import look_at_keys
from fixtures.topics.keys.rules import KeySet, foreign_certificates, key_complaints


@check(
    "OIDC-JWKS-01",
    trouble="No signing keys are published",
    claim="the key set answers and is not empty",
    runbook="D11",
    spec="OpenID Connect Discovery 1.0 section 3",
    blind="that tokens are signed with one of these keys (OIDC-CODE-01)",
)
def test_keys_are_published(published_keys: KeySet, discovery: Discovery, app: OidcApplication, estate: Estate) -> None:
    """Without keys no application can verify an ID token, and every login ends in an error."""
    remedy = look_at_keys(estate, app.slug, discovery.jwks_uri)
    assert not published_keys.unserved, because(f"the key set {published_keys.unserved}", remedy=remedy)
    assert published_keys.keys, because(
        f"the key set is empty, although it announces {', '.join(discovery.signing_algorithms)}: nobody can verify a "
        "token",
        remedy=remedy,
        kind=no_signing_key(app.name) if discovery.signs_by_secret else None,
    )


@check(
    "OIDC-JWKS-02",
    trouble="Secret key material is published",
    claim="no private or symmetric material is published",
    runbook="",
    spec="RFC 7517 section 9.2",
    blind="keys that leaked elsewhere",
    requires=("OIDC-JWKS-01",),
)
def test_nothing_private_is_published(published_keys: KeySet, app: OidcApplication, estate: Estate) -> None:
    """Whoever holds the private key signs as anybody."""
    leaked = {key.name: key.private_members for key in published_keys.keys if key.private_members}
    shown = "; ".join(f"{name} with {', '.join(members)}" for name, members in leaked.items())
    assert not leaked, because(
        f"the key set publishes private material: {shown}. Take the key as stolen",
        remedy=Remedy(
            f"create a new certificate-key pair and choose it in the provider of {app.slug!r}; then "
            "find out what serves the private one",
            page(estate.admin_page("crypto/certificates")),
            application_page(estate, app.slug),
        ),
    )


@check(
    "OIDC-JWKS-03",
    trouble="A published key is weak or contradicts itself",
    claim="every key has a distinct kid for its use, use and alg agree, RSA keys are strong (bounds.rsa_bits, 2048 by "
    "default) and have an exponent that proves something",
    runbook="",
    spec="RFC 7517 section 4, RFC 7518 sections 3.3 and 6, RFC 8017 section 3.1",
    blind="how the private keys are kept",
    requires=("OIDC-JWKS-01",),
)
def test_keys_are_sound(published_keys: KeySet, app: OidcApplication, estate: Estate) -> None:
    """Relying parties choose the key by kid, use and alg; a wrong one is a signature that never verifies."""
    wrong = key_complaints(published_keys.keys, estate.bounds.rsa_bits)
    assert not wrong, because(
        f"the key set (RSA from {estate.bounds.rsa_bits} bits): {'; '.join(wrong)}",
        remedy=Remedy(
            f"choose another signing key in the provider of {app.slug!r}", application_page(estate, app.slug)
        ),
    )


@check(
    "OIDC-JWKS-04",
    trouble="A signing certificate is not its key's, or has expired",
    claim="x5c matches the key and is not expired (w; from bounds.signing_certificate_warn_days, 30 by default)",
    runbook="",
    spec="RFC 7517 section 4.7",
    blind="applications that do not look at certificates: most take the key as it stands",
    requires=("OIDC-JWKS-01",),
)
def test_certificates_are_the_keys_own(published_keys: KeySet, estate: Estate) -> None:
    """Libraries that take the key from the certificate verify with another one than those that take it as it stands."""
    foreign = foreign_certificates(published_keys.keys)
    assert not foreign, because(
        f"x5c is not the certificate of {', '.join(foreign)}",
        remedy=Remedy(
            "choose a certificate-key pair whose halves belong together", page(estate.admin_page("crypto/certificates"))
        ),
    )
    certificates = [key.certificate for key in published_keys.keys if key.certificate]
    if not certificates:
        raise NotApplicable("no key carries a certificate")
    bound = estate.bounds.signing_certificate_warn_days
    left = min(days_left(certificate, datetime.now(UTC)) for certificate in certificates)
    assert left > bound, because(
        f"the signing certificate {'ends in' if left > 0 else 'ended'} {abs(left):.0f} days"
        f"{'' if left > 0 else ' ago'} (warning below {bound:g}); Authentik signs on with it, strict clients stop",
        remedy=Remedy("renew it", page(estate.admin_page("crypto/certificates"))),
        severity="warning",
    )
