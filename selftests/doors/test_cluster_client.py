"""The client of a cluster: what a kubeconfig says of credentials, and what is imported for it."""

import base64
import json
import sys
from functools import partial
from importlib import import_module

import pytest

from fixtures.doors.cluster_client import SELDOM, import_later
from selftests.support.cluster_door import KUBECONFIG, cluster_client
from selftests.support.loopback import serving


@pytest.fixture
def client_of(tmp_path):
    """Makes the client of a cluster whose API server is at that address."""
    return partial(cluster_client, tmp_path)


def test_a_line_feed_behind_a_token_is_no_part_of_it(client_of, tmp_path, monkeypatch):
    (tmp_path / "token").write_text("not a secret of anybody\n")
    monkeypatch.setitem(KUBECONFIG, "users", [{"name": "u", "user": {"tokenFile": "token"}}])
    configuration = client_of("http://127.0.0.1:1").api.configuration
    for _ in range(2):
        assert configuration.auth_settings()["BearerToken"]["value"] == "Bearer not a secret of anybody"


def test_a_token_is_refreshed_as_the_kubeconfig_says(client_of, monkeypatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    over = base64.urlsafe_b64encode(b'{"exp": 1}').decode().rstrip("=")
    named = {"client-id": "i", "client-secret": "s", "id-token": f"head.{over}.signature", "refresh-token": "r"}
    fresh = {"access_token": "a", "token_type": "Bearer", "id_token": "not a secret of anybody", "refresh_token": "r"}

    def answer(content):
        body = json.dumps(content).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return f"{head}Connection: close\r\n\r\n".encode() + body

    def endpoints(connection, _):
        connection.sendall(answer({"token_endpoint": f"{named['idp-issuer-url']}/token"}))

    with serving(endpoints, answer(fresh)) as (port, received):
        named["idp-issuer-url"] = f"http://127.0.0.1:{port}"
        user = {"auth-provider": {"name": "oidc", "config": named}}
        monkeypatch.setitem(KUBECONFIG, "users", [{"name": "u", "user": user}])
        configuration = client_of("http://127.0.0.1:1").api.configuration
    assert configuration.auth_settings()["BearerToken"]["value"] == "Bearer not a secret of anybody"
    assert [request.split()[1] for request in received] == [b"/.well-known/openid-configuration", b"/token"]


def test_what_is_imported_later_is_the_module_itself(tmp_path, monkeypatch):
    (tmp_path / "imported_later.py").write_text("value, called = 7, dict\n")
    monkeypatch.syspath_prepend(tmp_path)
    import_later("imported_later", "called")
    module = import_module("imported_later")
    taken = __import__("imported_later", fromlist=["called"]).called
    assert sys.modules["imported_later"] is module
    assert "value" not in vars(module)
    assert taken(self=1, name=2) == {"self": 1, "name": 2}
    assert [module.value, module.value] == [7, 7]
    assert vars(sys.modules.pop("imported_later"))["value"] == 7
    assert all(import_module(name).__path__ for name in SELDOM)
