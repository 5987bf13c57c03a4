"""Kept answers: never served unasked, never to another credential, never a changed body."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from weighbridge.collect.context import RawStore
from weighbridge.model.digest import sha256
from weighbridge.sources import http_cache
from weighbridge.sources.http import HttpClient, Response, SourceUnavailable
from weighbridge.sources.http_cache import HttpCache
from weighbridge.testing.failing_http import FailingService, Mode

TOKEN = {"Authorization": "Bearer ghp_0123456789"}
OTHER = {"Authorization": "Bearer ghp_9876543210"}


class Tagged(FailingService):
    """Answers with a value, and with an entity tag that follows it."""

    value: Any = "one"
    more: Mapping[str, str] = {}

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        return 200, {"value": self.value}

    def more_headers(self, path: str) -> Mapping[str, str]:
        return {"ETag": f'W/"{self.value}"', "Link": "<x>", **self.more}

    def conditions(self) -> list[str | None]:
        return [headers.get("if-none-match") for headers in self.headers]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "http-1"


def get(service: FailingService, folder: Path, headers: Mapping[str, str] = {}) -> Response:
    with HttpClient(offline=False, cache=HttpCache(folder), store=RawStore().put) as http:
        return http.get(service.url + "/x?secret=1", headers=headers)


def entries(folder: Path) -> list[Path]:
    return sorted((folder / "entries").iterdir())


def bodies(folder: Path) -> list[Path]:
    return sorted((folder / "bodies").iterdir())


def test_a_changed_body_is_as_if_it_were_not_there(folder: Path) -> None:
    with Tagged() as service:
        first = get(service, folder)
        (body,) = bodies(folder)
        body.write_bytes(b'{"value": "evil"}')
        again = get(service, folder)
        assert service.conditions() == [None, None], "what is broken is not asked about"
    assert again.body == first.body
    assert not again.revalidated
    assert bodies(folder)[0].read_bytes() == first.body, "and it is mended"


@pytest.mark.parametrize(
    "entry",
    [
        b"", b"{", b"[]", b"null", b'{"etag": 1}', b"\xff", b"{" * 5000, b" " * 20_000,
        json.dumps({"etag": '"a"', "sha256": "../../etc/passwd", "headers": {}}).encode(),
        json.dumps({"etag": '"a"\r\nX: y', "sha256": "0" * 64, "headers": {}}).encode(),
        json.dumps({"etag": '"a"', "sha256": "0" * 64, "headers": {}}).encode(),
        json.dumps({"etag": '"a"', "sha256": "0" * 64, "headers": [1]}).encode(),
    ],
)  # fmt: skip
def test_a_broken_entry_is_as_if_it_were_not_there(folder: Path, entry: bytes) -> None:
    with Tagged() as service:
        get(service, folder)
        entries(folder)[0].write_bytes(entry)
        assert get(service, folder).status == 200
        assert service.conditions() == [None, None]


def test_an_entry_that_is_no_file_is_not_opened(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    with Tagged() as service:
        get(service, folder)
        (body,), (entry,) = bodies(folder), entries(folder)
        secret.write_bytes(body.read_bytes())
        body.unlink()
        body.symlink_to(secret)
        get(service, folder)
        body.unlink()
        os.mkfifo(body)
        entry.unlink()
        os.mkfifo(entry)
        assert get(service, folder).status == 200
        assert service.conditions() == [None, None, None]


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o702])
def test_a_folder_that_others_can_open_is_not_used(folder: Path, mode: int) -> None:
    folder.mkdir(parents=True)
    folder.chmod(mode)
    cache = HttpCache(folder)
    with Tagged() as service, HttpClient(offline=False, cache=cache) as http:
        http.get(service.url)
        http.get(service.url)
        assert service.conditions() == [None, None]
    assert "others may read or write it" in cache.note
    assert list((folder / "entries").iterdir()) == []


def test_a_folder_that_cannot_be_made_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    for folder in (tmp_path / "file" / "http-1", link):
        cache = HttpCache(folder)
        with Tagged() as service, HttpClient(offline=False, cache=cache) as http:
            assert http.get(service.url).status == 200
        assert "not used" in cache.note


def test_what_one_credential_was_told_another_does_not_find(folder: Path) -> None:
    with Tagged() as service:
        get(service, folder, TOKEN)
        get(service, folder, OTHER)
        get(service, folder)
        assert service.conditions() == [None, None, None]
        get(service, folder, TOKEN)
        assert service.conditions()[-1] == 'W/"one"'
    held = b"".join(
        path.name.encode() + path.read_bytes() for path in folder.rglob("*") if path.is_file()
    )
    assert b"ghp_" not in held
    assert b"secret" not in held, "nor does the address stand there"


def test_an_answer_to_a_password_is_not_kept(folder: Path) -> None:
    with Tagged() as service:
        get(service, folder, {"Authorization": "Basic dTpwYXNzd29yZA=="})
        get(service, folder, {"If-None-Match": '"mine"'})
    assert not folder.exists()


@pytest.mark.parametrize(
    "more",
    [{"Cache-Control": "private, no-store"}, {"Vary": "*"}, {"ETag": "bare"}, {"ETag": '"\x80"'},
     {"ETag": '"' + "a" * 400 + '"'}, {"Link": "x" * 20_000}],
)  # fmt: skip
def test_an_answer_that_forbids_it_is_not_kept(folder: Path, more: dict[str, str]) -> None:
    with Tagged() as service:
        service.more = more
        get(service, folder)
        get(service, folder)
        assert service.conditions() == [None, None]


def test_no_answer_comes_without_asking(folder: Path) -> None:
    with Tagged() as service:
        get(service, folder)
        url = service.url
    with (
        HttpClient(offline=False, cache=HttpCache(folder), sleep=lambda _: None) as http,
        pytest.raises(SourceUnavailable, match="refused"),
    ):
        http.get(url + "/x?secret=1")


@pytest.mark.parametrize("mode", [Mode.ERROR, Mode.NOT_FOUND, Mode.FORBIDDEN, Mode.HTML])
def test_a_failure_is_not_hidden_by_what_is_kept(folder: Path, mode: Mode) -> None:
    with Tagged() as service:
        first = get(service, folder)
        service.mode = mode
        failed = get(service, folder)
        assert failed.body != first.body
        assert not failed.revalidated


def test_a_304_that_nobody_asked_for_is_no_answer(folder: Path) -> None:
    class Lying(Tagged):
        def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
            return 304, {}

    with Lying() as service:
        assert get(service, folder).status == 304
    assert not folder.exists()


def test_a_kept_answer_is_served_when_the_service_says_so(folder: Path) -> None:
    store = RawStore()
    with Tagged() as service:
        first = get(service, folder, TOKEN)
        with HttpClient(offline=False, cache=HttpCache(folder), store=store.put) as http:
            again = http.get(service.url + "/x?secret=1", headers=TOKEN)
        service.value = "two"
        changed = get(service, folder, TOKEN)
        assert service.conditions() == [None, 'W/"one"', 'W/"one"']
    assert (again.status, again.body, again.revalidated) == (200, first.body, True)
    assert again.digest == sha256(first.body)
    assert store.blobs == {sha256(first.body): first.body}, "the true body is the evidence"
    assert again.headers["link"] == "<x>"
    assert changed.body == b'{"value": "two"}'
    assert {path.stat().st_mode & 0o777 for path in (*entries(folder), *bodies(folder))} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_body_that_is_larger_than_the_caller_takes_is_not_served(folder: Path) -> None:
    with Tagged() as service:
        get(service, folder)
        with (
            HttpClient(offline=False, cache=HttpCache(folder)) as http,
            pytest.raises(SourceUnavailable, match="more than 5 bytes"),
        ):
            http.get(service.url + "/x?secret=1", max_bytes=5)


def test_the_oldest_go_when_there_are_too_many(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_cache, "MAX_ENTRIES", 3)
    cache = HttpCache(folder)
    for number in range(6):
        cache.keep(cache.key(f"u{number}", {}), b"%d" % number, {"etag": '"e"'})
        os.utime(folder / "entries" / cache.key(f"u{number}", {}), (number, number))
    cache.trim()
    assert [cache.find(cache.key(f"u{n}", {}), 10) is not None for n in range(6)] == [
        False, False, False, True, True, True,
    ]  # fmt: skip
    assert len(bodies(folder)) == 3
    monkeypatch.setattr(http_cache, "MAX_BYTES", 2)
    cache.trim()
    assert len(entries(folder)) == len(bodies(folder)) == 2
