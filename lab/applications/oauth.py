"""The OAuth library's client, imported without its advice on another HTTP library."""

import warnings

with warnings.catch_warnings():
    # authlib deprecates httpx in favour of a fork; the suite's own client, and so this lab, stays with httpx.
    warnings.simplefilter("ignore")
    from authlib.integrations.base_client.errors import OAuthError  # type: ignore[import-untyped]
    from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]

__all__ = ["AsyncOAuth2Client", "OAuthError"]
