"""An estate of one application of each kind, as tables, to change and to parse."""

import pytest

from fixtures.estate import parse_estate
from fixtures.model.errors import EstateError

AUTHENTIK = {"url": "http://192.168.55.211:9000", "public_url": "https://auth.frank.derio.net"}

GRAFANA = {
    "name": "grafana",
    "kind": "grafana",
    "slug": "grafana",
    "url": "https://grafana.frank.derio.net",
    "client_id": "grafana",
    "redirect_uris": ["https://grafana.frank.derio.net/login/generic_oauth"],
}

LONGHORN = {"name": "longhorn", "url": "https://longhorn.frank.derio.net"}


def tables(**changes):
    return {"name": "x", "authentik": AUTHENTIK, "oidc": [GRAFANA], "forward_auth": [LONGHORN]} | changes


def estate_of(**changes):
    return parse_estate(tables(**changes), "x.toml")


def complaint_about(**changes):
    """What is said against the estate with these tables in place of its own."""
    with pytest.raises(EstateError) as caught:
        estate_of(**changes)
    return str(caught.value)
