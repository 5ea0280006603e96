"""An OIDC application of the estate file, and its provider as the API has it when nothing is wrong."""

from fixtures.estate.oidc import OidcApplication
from fixtures.exchange.api_objects import OAuthProvider
from selftests.support.api_views import an

CALLBACK = "https://grafana.example.org/login/generic_oauth"


def application(**changes):
    return OidcApplication(
        **{
            "name": "grafana",
            "kind": "grafana",
            "slug": "grafana",
            "url": "https://grafana.example.org",
            "client_id": "grafana",
            "redirect_uris": [CALLBACK],
            **changes,
        }
    )


def provider(**changes):
    declared = {
        "client_type": "confidential",
        "sub_mode": "hashed_user_id",
        "access_code_validity": "minutes=1",
        "access_token_validity": "hours=1",
        "refresh_token_validity": "days=30",
    }
    return an(OAuthProvider, **{**declared, **changes})
