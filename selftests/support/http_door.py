"""An HTTP door to a server on loopback, as one observation has it."""

import tomllib

from fixtures.doors.client import HttpClient
from fixtures.doors.http import HttpDoor
from fixtures.estate import parse_estate
from fixtures.exchange.ledger import Ledger
from selftests.support.asking import asking

URL = "http://auth.example:9000"
ESTATE = """
name = "door"
[authentik]
url = "http://auth.example:9000"
public_url = "http://auth.example:9000"
[[forward_auth]]
name = "gated"
url = "http://gated.example:9000"
[network]
isolated = true
connect_to = {{ "auth.example:9000" = "127.0.0.1:{port}", "gated.example:9000" = "127.0.0.1:{port}" }}
[bounds]
exchange_deadline_seconds = 0.6
retry_budget_seconds = 2
"""


def door(port, side_effect="none", *, allow_writes=False, estate=ESTATE):
    """The door, its record and the client behind it; whatever the estate names is at that port."""
    record = asking(side_effect)
    client = HttpClient(
        parse_estate(tomllib.loads(estate.format(port=port)), "test"), Ledger(), "test", allow_writes=allow_writes
    )
    return HttpDoor(client, record), record, client
