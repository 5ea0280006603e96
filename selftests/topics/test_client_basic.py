"""A client's Basic credentials at the token endpoint: encoded, and neither shown nor sent elsewhere in that form."""

import base64
from urllib.parse import unquote

import pytest

from fixtures.exchange.side_effects import Refused
from fixtures.model.redaction import Redactor
from fixtures.model.secret import Secret
from fixtures.topics.tokens.questions import client_basic
from selftests.support.http_door import URL, door
from selftests.support.loopback import OK, serving

ELSEWHERE = "http://gated.example:9000/"
SECRETS = [
    "100%-canary-1c40",
    "%41%42-canary-2c40",
    "a+b:c-canary-3c40",
    "schlüssel-für-ärzte",
    "with a space-4c40",
    "%",
]
LONG_ENOUGH = [each for each in SECRETS if len(each) > 4]


def sent(client_id, secret):
    """The two parts as a server reads them that decodes percent escapes, and leaves `+` alone as Authentik does."""
    with serving(OK) as (port, received):
        door(port)[0].get(f"{URL}/", basic=client_basic(client_id, Secret(secret)))
    line = next(line for line in received[0].split(b"\r\n") if line.lower().startswith(b"authorization: basic "))
    name, colon, password = base64.b64decode(line.split()[-1]).decode("ascii").partition(":")
    assert colon
    return unquote(name), unquote(password)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("client_id", ["grafana", "a:b%3A+c", "künde"])
def test_both_parts_arrive_as_they_are(client_id, secret):
    assert sent(client_id, secret) == (client_id, secret)


def test_what_needs_no_escape_is_sent_as_before():
    name, password = client_basic("grafana", Secret("A-z_0.9~canary"))
    assert (name, password.reveal()) == ("grafana", "A-z_0.9~canary")


@pytest.mark.parametrize("secret", LONG_ENOUGH)
def test_the_encoded_form_is_not_shown(secret, monkeypatch):
    redactor = Redactor()
    monkeypatch.setattr("fixtures.model.secret.on_new_secret", [lambda met: redactor.learn(met.reveal())])
    name, password = client_basic("grafana", Secret(f"{secret}, shown to nobody"))
    header = base64.b64encode(f"{name}:{password.reveal()}".encode()).decode()
    for text in (password.reveal(), f"sent: {header}", f"error near {password.reveal()}!"):
        shown = redactor.clean(text)
        assert "***" in shown
        assert password.reveal() not in shown
        assert header[16:] not in shown


@pytest.mark.parametrize("secret", LONG_ENOUGH)
def test_the_encoded_form_is_kept_at_home(secret):
    given = Secret(secret, place="oidc.grafana.secret")
    with serving(OK) as (port, received):
        asking, _, _ = door(port, "session")
        for way in (
            {"basic": client_basic("grafana", given)},
            {"headers": {"X-Any": client_basic("", given)[1].reveal()}},
        ):
            with pytest.raises(Refused):
                asking.get(ELSEWHERE, **way)
    assert not received
