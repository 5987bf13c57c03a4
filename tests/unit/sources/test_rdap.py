"""Domains of mail: when they were registered, and whether nobody owns them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from weighbridge.sources import rdap
from weighbridge.sources.http import HttpClient
from weighbridge.sources.rdap import PUBLIC, Rdap
from weighbridge.testing.failing_http import FailingService, Mode

DAY = "2010-05-01T00:00:00Z"


class Registry(FailingService):
    """Registrations by name; and IANA's list, which names this very service."""

    def __init__(self, days: Mapping[str, str | None], **more: Any) -> None:
        super().__init__(**more)
        self.days = dict(days)
        self.listed: Any = None

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if path == "/dns.json":
            return 200, {"version": "1.0", "services": self.listed}
        name = path.removeprefix("/domain/")
        if name not in self.days:
            return 404, {"errorCode": 404, "title": "Not Found"}
        told = "mallory.example" if self.mode is Mode.WRONG_DETAIL else name.upper()
        day = self.days[name]
        events = [{"eventAction": "last changed", "eventDate": "2026-01-01T00:00:00Z"}]
        events += [{"eventAction": "registration", "eventDate": day}] if day else []
        return 200, {"objectClassName": "domain", "ldhName": told, "events": events}


def ask(service: Registry, name: str, address: str = "", timeout: float = 2.0):
    with HttpClient(offline=False, timeout_seconds=timeout) as http:
        return Rdap(http, address or service.url).domain(name)


@pytest.mark.parametrize(
    "mode",
    [Mode.ERROR, Mode.HTML, Mode.HALF, Mode.SLOW, Mode.DROP, Mode.REDIRECT, Mode.EMPTY,
     Mode.WRONG_DETAIL, Mode.WRONG_TYPES, Mode.BUSY, Mode.FORBIDDEN],
)  # fmt: skip
def test_no_failure_says_that_a_domain_is_free(mode: Mode, monkeypatch) -> None:
    monkeypatch.setattr("weighbridge.sources.http._BACKOFF_SECONDS", 0.001)
    with Registry({"corp.example": DAY}, mode=mode, delay_seconds=0.5) as service:
        found, asked = ask(service, "corp.example", timeout=0.1)
    assert found == {"name": "corp.example", "registered": "", "exists": None}
    assert [one["state"] for one in asked] == ["unavailable"]


@pytest.mark.parametrize(
    ("name", "registered", "exists", "questions"),
    [
        ("corp.example", DAY, True, 1),
        ("Mail.Corp.Example.", DAY, True, 2),
        ("free.example", "", False, 1),
        ("mail.free.example", "", False, 2),
        ("quiet.example", "", True, 1),
        ("corp.co.uk", "", False, 1),  # co.uk itself is nobody's, and not asked about
        ("not a name", "", None, 0),
        ("corp.example/../x", "", None, 0),
        ("localhost", "", None, 0),
    ],
)
def test_domains(name: str, registered: str, exists: bool | None, questions: int) -> None:
    with Registry({"corp.example": DAY, "quiet.example": None, "co.uk": DAY}) as service:
        found, asked = ask(service, name)
    assert (found["registered"], found["exists"], len(asked)) == (registered, exists, questions)


def test_the_public_entry_names_the_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    with Registry({"corp.example": DAY}) as service:
        monkeypatch.setattr(rdap, "BOOTSTRAP", service.url)
        service.listed = [[["example"], ["http://plain.example/", "https://registry.example/"]]]
        with HttpClient(offline=False, timeout_seconds=2.0) as http:
            client = Rdap(http, PUBLIC)
            found = client._service("example")
            assert found is not None
            assert found.name == "https://registry.example", "a plain http one is not asked"
            assert client._service("nowhere") is None
            assert client.domain("a.nowhere")[0]["exists"] is None
        assert len(service.requests) == 1, "the list is had once"


@pytest.mark.parametrize("listed", [7, "x", {}, [7], [[["a"]]], [["a", "b"]], None])
def test_a_list_that_is_none_leaves_domains_unknown(
    listed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Registry({}) as service:
        service.listed = listed
        monkeypatch.setattr(rdap, "BOOTSTRAP", service.url)
        found, (asked,) = ask(service, "corp.example", PUBLIC)
    assert found["exists"] is None
    assert asked["state"] == "unavailable"
    assert asked["reason"]
