"""Secrets, and reading them from where the estate file says."""

import json
import pickle

import pytest

from fixtures.estate.credentials import resolve
from fixtures.estate.sources import EnvCredential, FileCredential
from fixtures.model import secret as secret_module
from fixtures.model.errors import CredentialMissing
from fixtures.model.secret import Secret, known_secrets

CANARY = "canary-5f0b7c2e"


def test_credentials_of_the_environment():
    assert resolve(EnvCredential(env="A"), "authentik.token", {"A": "abc\n"}) == Secret("abc")
    with pytest.raises(CredentialMissing, match=r"^authentik\.token: .* A is not set, run: export A=…$"):
        resolve(EnvCredential(env="A"), "authentik.token", {})
    with pytest.raises(CredentialMissing, match="is empty"):
        resolve(EnvCredential(env="A"), "authentik.token", {"A": "\n"})


def test_credentials_of_files(tmp_path):
    path = tmp_path / "token"
    with pytest.raises(CredentialMissing, match="there is no file"):
        resolve(FileCredential(file=path), "authentik.token")
    path.write_bytes(b"abc\r\n")
    assert resolve(FileCredential(file=path), "authentik.token").reveal() == "abc"
    path.write_bytes(b"\xff")
    with pytest.raises(CredentialMissing, match="UTF-8"):
        resolve(FileCredential(file=path), "authentik.token")
    path.write_bytes(b"a" * 70_000)
    with pytest.raises(CredentialMissing, match="larger than any credential"):
        resolve(FileCredential(file=path), "authentik.token")


def test_secrets_show_nothing():
    hidden = Secret(CANARY)
    for shown in (
        str(hidden),
        repr(hidden),
        f"{hidden}",
        f"{hidden:>40}",
        repr([hidden]),
        repr({"a": hidden}),
    ):
        assert CANARY not in shown
    with pytest.raises(TypeError):
        pickle.dumps(hidden)
    with pytest.raises(TypeError):
        json.dumps(hidden)
    assert hidden == Secret(CANARY)
    assert hash(hidden) == hash(Secret(CANARY))
    assert hidden != CANARY
    assert hidden.reveal() == CANARY


def test_secrets_are_known_from_the_moment_they_are_made(monkeypatch):
    met = []
    monkeypatch.setattr(secret_module, "on_new_secret", [met.append])
    monkeypatch.setattr(secret_module, "_known", {})
    for value in ("one-value", "one-value", "", "other-value"):
        Secret(value)
    assert [secret.reveal() for secret in met] == ["one-value", "other-value"]
    assert [secret.reveal() for secret in known_secrets()] == ["one-value", "other-value"]
