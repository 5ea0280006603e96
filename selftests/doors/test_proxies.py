"""The environment's proxies are followed where the estate says so, and nowhere else."""

import pytest

from fixtures.doors.network import Unreachable
from fixtures.model.signals import NotVerified
from selftests.support.http_door import ESTATE, door
from selftests.support.loopback import OK, serving

STRANGER = "http://auth.example:9000"
FOLLOWING = ESTATE.replace("isolated = true", "use_environment_proxies = true").replace(
    '"auth.example:9000" = "127.0.0.1:{port}", ', ""
)
WITHOUT = FOLLOWING.replace("use_environment_proxies = true", "isolated = true")


@pytest.fixture
def proxy(monkeypatch):
    with serving(OK) as (port, received):
        monkeypatch.setenv("HTTP_PROXY", f"http://someone:hidden-password@127.0.0.1:{port}")
        yield port, received


def test_a_request_takes_the_proxy_with_its_whole_address(proxy):
    port, received = proxy
    assert door(port, estate=FOLLOWING)[0].get(f"{STRANGER}/a").status == 200
    assert received[0].startswith(b"GET http://auth.example:9000/a HTTP/1.1")
    assert b"Proxy-Authorization: Basic " in received[0]


def test_connect_to_comes_before_the_proxy(proxy):
    port, received = proxy
    assert door(port, "session", estate=FOLLOWING)[0].get("http://gated.example:9000/a").status == 200
    assert received[0].startswith(b"GET /a HTTP/1.1")


def test_an_estate_that_does_not_say_so_takes_no_proxy(proxy):
    port, received = proxy
    with pytest.raises(Unreachable, match="isolated"):
        door(port, estate=WITHOUT)[0].get(f"{STRANGER}/a")
    assert not received


def test_no_proxy_names_whom_to_ask_straight(proxy, monkeypatch):
    port, received = proxy
    monkeypatch.setenv("NO_PROXY", "auth.example")
    assert not door(port, estate=FOLLOWING)[2].connections.proxy_of(f"{STRANGER}/a")
    assert not received


def test_other_kinds_of_proxies_are_said(proxy, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "socks5://127.0.0.1:1")
    with pytest.raises(Unreachable, match="only http proxies"):
        door(proxy[0], estate=FOLLOWING)[0].get(f"{STRANGER}/a")


def test_a_certificate_behind_a_proxy_is_nobodys(proxy, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy[0]}")
    asking, _, _ = door(proxy[0], estate=FOLLOWING.replace("http://auth", "https://auth"))
    with pytest.raises(NotVerified, match="proxy stands between"):
        asking.certificate("https://auth.example:9000", what="TLS", remedy="")
