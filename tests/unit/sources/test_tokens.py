"""Tokens: to the host they belong to, over https, and into no message."""

from __future__ import annotations

import sys
import types

import pytest

from weighbridge.collect.context import RawStore
from weighbridge.sources.forge import Forge
from weighbridge.sources.http import HttpClient
from weighbridge.sources.hub import HubClient
from weighbridge.sources.tokens import (
    Token,
    github_headers,
    github_token,
    hub_headers,
    hub_token,
)
from weighbridge.testing.failing_http import Mode
from weighbridge.testing.forge import FakeForge, repository
from weighbridge.testing.hub import FakeHub

SECRET = "ghp_S3cretS3cretS3cret"
GITHUB = "https://api.github.com"
VARIABLES = (
    "GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GH_HOST",
    "GITHUB_API_URL", "HF_TOKEN",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "keyring", None)
    monkeypatch.setattr("weighbridge.sources.http._BACKOFF_SECONDS", 0.001)


def keyring(monkeypatch: pytest.MonkeyPatch, held: object) -> list[tuple[str, str]]:
    """A keyring that holds one thing, or raises it; what it was asked for."""
    asked: list[tuple[str, str]] = []
    errors = types.ModuleType("keyring.errors")
    errors.KeyringError = type("KeyringError", (Exception,), {})  # type: ignore[attr-defined]
    module = types.ModuleType("keyring")

    def get_password(service: str, name: str) -> object:
        asked.append((service, name))
        if held is KeyError:
            raise errors.KeyringError("the keyring is locked")
        if isinstance(held, Exception):
            raise held
        return held

    module.get_password = get_password  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    return asked


@pytest.mark.parametrize(
    "address",
    [
        "http://api.github.com", "https://api.github.com.evil.example", "https://evil.example",
        "https://github.com@evil.example", "https://forge.example/api/v3", "//api.github.com",
        "ftp://api.github.com", "https://[::1", "", "api.github.com", "http://127.0.0.1.evil.example",
        "https://evil.example/https://api.github.com", "https://api.github.com:443@evil.example/",
    ],
)  # fmt: skip
def test_githubs_token_goes_nowhere_else(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    assert github_token(address) is None
    assert github_headers(address) == {}


def test_githubs_token_goes_to_github_and_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert github_headers(GITHUB) == {}
    monkeypatch.setenv("GITHUB_TOKEN", f" {SECRET}\n")
    for address in (GITHUB, f"{GITHUB}/", "http://127.0.0.1:8080", "https://API.github.com"):
        assert github_headers(address) == {"Authorization": f"Bearer {SECRET}"}
    monkeypatch.setenv("GH_TOKEN", "first")
    assert github_token(GITHUB) == Token("first", "the variable GH_TOKEN")


def test_a_runner_names_the_host_of_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    monkeypatch.setenv("GITHUB_API_URL", "https://forge.example/api/v3")
    assert github_token("https://forge.example/api/v3") is not None
    assert github_token("http://forge.example/api/v3") is None
    monkeypatch.setenv("GITHUB_API_URL", "https://[")
    assert github_token("https://forge.example/api/v3") is None


def test_an_enterprises_token_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GH_ENTERPRISE_TOKEN", SECRET)
    assert github_token("https://forge.example/api/v3") is None
    monkeypatch.setenv("GH_HOST", "forge.example")
    found = github_token("https://forge.example/api/v3")
    assert found is not None
    assert found.found_in == "the variable GH_ENTERPRISE_TOKEN"
    assert github_token(GITHUB) is None


def test_the_hubs_token_goes_over_https_to_the_configured_hub(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_TOKEN", SECRET)
    assert hub_headers("https://mirror.example") == {"Authorization": f"Bearer {SECRET}"}
    assert hub_headers("http://mirror.example") == {}
    assert hub_headers("http://localhost:1") != {}
    monkeypatch.setenv("HF_TOKEN", "snow☃man")
    assert hub_token("https://mirror.example") is None


def test_the_keyring_is_asked_where_no_variable_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = keyring(monkeypatch, SECRET)
    assert github_token(GITHUB) == Token(SECRET, "the keyring")
    assert hub_token("https://hub.example") == Token(SECRET, "the keyring")
    assert asked == [("weighbridge", "api.github.com"), ("weighbridge", "hub.example")]
    assert github_token("http://api.github.com") is None
    assert github_token("http://127.0.0.1:1") is None
    monkeypatch.setenv("GITHUB_TOKEN", "variable")
    assert github_headers(GITHUB) == {"Authorization": "Bearer variable"}
    assert len(asked) == 2


@pytest.mark.parametrize(
    "held", [None, "", 7, b"bytes", "snow☃man", KeyError, RuntimeError("no D-Bus"), OSError("x")]
)
def test_a_keyring_that_is_locked_or_broken_holds_nothing(
    monkeypatch: pytest.MonkeyPatch, held: object
) -> None:
    keyring(monkeypatch, held)
    assert github_token(GITHUB) is None


def test_a_keyring_of_another_shape_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", types.ModuleType("keyring"))
    monkeypatch.setitem(sys.modules, "keyring.errors", types.ModuleType("keyring.errors"))
    assert github_token(GITHUB) is None


def test_a_token_is_not_in_its_representation() -> None:
    token = Token(SECRET, "the keyring")
    assert SECRET not in repr(token) + str(token) + f"{token}"


@pytest.mark.parametrize("mode", list(Mode))
def test_a_token_is_in_no_answer_however_the_service_fails(
    monkeypatch: pytest.MonkeyPatch, mode: Mode
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    store = RawStore()
    with (
        FakeForge(
            {"o/r": repository("o/r", 1, owner_id=2)}, mode=mode, delay_seconds=0.3
        ) as service,
        HttpClient(offline=False, timeout_seconds=0.1, store=store.put) as http,
    ):
        forge = Forge(http, service.url)
        answers = [forge.repository("o/r"), forge.tag_commit("o/r", "v1"), forge.tags("o/r")]
        assert service.headers[0]["authorization"] == f"Bearer {SECRET}"
    shown = repr(answers) + repr(forge) + repr(http) + repr(vars(http)["_gate"])
    assert SECRET not in shown
    assert not any(SECRET.encode() in blob for blob in store.blobs.values())


def test_a_hub_that_sends_the_token_back_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", SECRET)
    store = RawStore()
    card = f"---\nlicense: mit\n---\nYour token is {SECRET}.\n"
    with FakeHub({"org/base": card}) as hub, HttpClient(offline=False, store=store.put) as http:
        answer = HubClient(http, hub.url).ask("models", "org/base")
    assert answer.state == "unavailable"
    assert SECRET not in repr(answer)
    assert not any(SECRET.encode() in blob for blob in store.blobs.values())
