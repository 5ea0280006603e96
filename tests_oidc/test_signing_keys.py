"""The keys that providers sign by, as Authentik's API tells them (runbook H2)."""

from datetime import UTC, datetime, timedelta

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.oidc import OidcApplication
from fixtures.estate.places import provider_page
from fixtures.exchange.api_objects import CertificatePair, OAuthProvider
from fixtures.model.kinds import no_signing_key
from fixtures.model.remedy import Remedy, page
from fixtures.model.signals import NotApplicable, NotVerified
from fixtures.topics.providers.rules import provider_of


@check(
    "OIDC-PROV-06",
    trouble="The signing key is missing, or expires soon",
    claim="a signing key is set (none, where the file says signing_key = false); its certificate is not about to "
    "expire (a warning, from 30 days on unless the estate sets another)",
    runbook="H2",
    blind="that the published key set holds that key (OIDC-JWKS-01)",
    requires=("provider_of_app",),
    needs=("api",),
)
def test_signing_key_is_set(
    oauth_providers: list[OAuthProvider], certificates: list[CertificatePair], app: OidcApplication, estate: Estate
) -> None:
    """Without one, tokens are signed with the client secret (HS256), which ArgoCD and others refuse."""
    provider = provider_of(app, oauth_providers)
    key, days = provider.signing_key, estate.bounds.signing_certificate_warn_days
    if not app.signing_key and not key:
        raise NotApplicable(f"the tokens of {app.name} are signed by its client secret (signing_key = false)")
    assert app.signing_key, because(
        f"provider {provider.name!r} of {app.name} has a signing key, and tokens signed by its client secret are "
        "declared (signing_key = false): whoever takes HS256 alone refuses them",
        remedy=Remedy(
            "take the key off the provider, or signing_key out of the estate file", provider_page(estate, provider.pk)
        ),
    )
    assert key, because(
        f"provider {provider.name!r} of {app.name} has no signing key: tokens are HS256, its key set empty",
        remedy=Remedy("choose a signing key (authentik Self-signed Certificate)", provider_page(estate, provider.pk)),
        kind=no_signing_key(app.name),
    )
    pair = next((entry for entry in certificates if entry.pk == key), None)
    if pair is None or not pair.cert_expiry:
        raise NotVerified(
            f"the certificate of {app.name}'s signing key is not among those that the token may see",
            "give the token's role authentik_crypto.view_certificatekeypair on all objects",
            need="api",
        )
    end = pair.cert_expiry
    assert end >= datetime.now(UTC) + timedelta(days=days), because(
        f"the certificate {pair.name!r}, which signs the tokens of {app.name}, ends on {end:%Y-%m-%d}: "
        f"within {days:g} days",
        remedy=Remedy("create a pair, and choose it in the provider", page(estate.admin_page("crypto/certificates"))),
        severity="warning",
    )
