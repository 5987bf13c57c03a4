"""A Hub about repositories and accounts: a new number under an old name is another repository."""

from __future__ import annotations

import pytest

from weighbridge.collect.context import RawStore
from weighbridge.model.errors import NetworkForbidden
from weighbridge.sources.http import HttpClient
from weighbridge.sources.hub_accounts import (
    MAX_COMMITS,
    MAX_PAGES,
    HubAccounts,
    created_by,
)
from weighbridge.testing.hub_accounts import FakeHubAccounts, HubEntry, Mode, commit_id

NUMBER = "638f7ae36c25af4071044105"  # of 2022-12-06T17:24:51Z
MINE = "corp/demo"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weighbridge.sources.http._BACKOFF_SECONDS", 0.001)


def client(hub: FakeHubAccounts, timeout: float = 2.0) -> HubAccounts:
    return HubAccounts(
        HttpClient(offline=False, timeout_seconds=timeout, store=RawStore().put), hub.url
    )


@pytest.mark.parametrize(
    "mode",
    [
        Mode.ERROR, Mode.HTML, Mode.HALF, Mode.SLOW, Mode.TRICKLE, Mode.DROP, Mode.REDIRECT,
        Mode.GZIP_BOMB, Mode.EMPTY, Mode.WRONG_TYPES, Mode.FORBIDDEN, Mode.BUSY, Mode.HUGE,
    ],
)  # fmt: skip
def test_no_failure_says_anything(mode: Mode) -> None:
    with FakeHubAccounts({MINE: HubEntry(NUMBER)}, organizations={"corp": ""}, mode=mode,
                         delay_seconds=0.5) as fake:  # fmt: skip
        hub = client(fake, timeout=0.1)
        repository, asked = hub.repository("models", MINE)
        account, questions = hub.account("corp")
        commits, whole, pages = hub.commits("models", MINE)
    assert (repository, account, commits, whole) == (None, None, None, False)
    assert {one["state"] for one in (asked, *questions, *pages)} == {"unavailable"}


def test_offline_is_refused() -> None:
    with pytest.raises(NetworkForbidden):
        HubAccounts(HttpClient(offline=True), "http://127.0.0.1:1").repository("models", MINE)


def test_a_repository() -> None:
    entry = HubEntry(NUMBER, files={"model.safetensors": 80, "start.bat": 7})
    with FakeHubAccounts({MINE: entry, "datasets/corp/data": HubEntry(NUMBER)}) as fake:
        fake.adds_fields = True
        found, asked = client(fake).repository("models", MINE)
        data, _ = client(fake).repository("datasets", "corp/data")
    assert found is not None
    assert (found.identity, found.created) == (NUMBER, "2022-12-06T17:24:51Z")
    assert (found.name, found.author, found.head) == (MINE, "corp", commit_id(0))
    assert (found.disabled, found.doubt) == (False, "")
    assert found.files is not None
    assert [(f.path, f.size) for f in found.files] == [("model.safetensors", 80), ("start.bat", 7)]
    assert asked["digest"].startswith("sha256:")
    assert asked["url"].endswith("/api/models/corp/demo")
    assert data is not None
    assert data.name == "corp/data"


def test_one_that_was_made_again_under_the_name_has_another_number() -> None:
    with FakeHubAccounts({MINE: HubEntry(NUMBER)}) as fake:
        before, _ = client(fake).repository("models", MINE)
        fake.repositories[MINE] = HubEntry("6900000000000000deadbeef")
        after, _ = client(fake).repository("models", MINE)
    assert before is not None
    assert after is not None
    assert before.identity != after.identity
    assert after.created == "2025-10-27T23:28:00Z"


@pytest.mark.parametrize(
    ("identity", "created", "doubted"),
    [
        (NUMBER, "2022-12-06T17:24:51.000Z", ""),
        (NUMBER, "2022-12-06T17:25:20.000Z", ""),
        (NUMBER, "2021-01-01T00:00:00.000Z", "given on 2022-12-06"),
        ("5e0000000000000000000000", "2022-03-02T23:29:04.000Z", ""),  # older than createdAt is
        ("not an ObjectID", "2022-12-06T17:24:51.000Z", "none that the Hub gives"),
    ],
)
def test_a_number_and_a_day_that_disagree_are_told(
    identity: str, created: str, doubted: str
) -> None:
    with FakeHubAccounts({MINE: HubEntry(identity, created=created)}) as fake:
        found, _ = client(fake).repository("models", MINE)
    assert found is not None
    assert doubted in found.doubt
    assert bool(found.doubt) is bool(doubted)


def test_a_redirect_within_the_hub_tells_the_new_name() -> None:
    with FakeHubAccounts({"new/demo": HubEntry(NUMBER)}, renamed={MINE: "new/demo"}) as fake:
        found, _ = client(fake).repository("models", MINE)
    assert found is not None
    assert found.name == "new/demo"


def test_what_is_not_there_is_absent() -> None:
    with FakeHubAccounts({}) as fake:
        hub = client(fake)
        assert hub.repository("models", MINE)[1]["state"] == "absent"
        account, asked = hub.account("nobody")
    assert account is None
    assert [one["state"] for one in asked] == ["absent", "absent"]


def test_accounts() -> None:
    number = "5e0000000000000000000000"
    with FakeHubAccounts({}, users={"ann": number}, organizations={"corp": ""}) as fake:
        hub = client(fake)
        ann, corp = hub.account("ann")[0], hub.account("corp")[0]
        fake.mode = Mode.WRONG_DETAIL
        other, asked = hub.account("ann")
    assert ann is not None
    assert (ann.kind, ann.identity, ann.created) == ("user", number, "2019-12-22T23:45:04Z")
    assert corp is not None
    assert (corp.kind, corp.identity, corp.created) == ("organization", "", "")
    assert other is None
    assert "another account" in asked[-1]["reason"]


def test_commits_come_page_by_page_up_to_a_bound() -> None:
    many = [(f"2026-01-01T00:00:{n % 60:02}.000Z", f"user{n}") for n in range(120)]
    with FakeHubAccounts({MINE: HubEntry(NUMBER, commits=many)}) as fake:
        commits, whole, asked = client(fake).commits("models", MINE)
        assert commits is not None
        assert [len(commits), whole, len(asked)] == [120, True, 3]
        assert commits[0].id == commit_id(119), "the newest first"
        assert commits[0].authors == ("user119",)
        fake.repositories[MINE] = HubEntry(NUMBER, commits=many * 5)
        commits, whole, asked = client(fake).commits("models", MINE)
    assert commits is not None
    assert len(commits) == MAX_COMMITS
    assert not whole
    assert len(asked) <= MAX_PAGES


def test_a_next_page_for_ever_ends() -> None:
    with FakeHubAccounts({MINE: HubEntry(NUMBER)}, mode=Mode.ENDLESS) as fake:
        commits, whole, asked = client(fake).commits("models", MINE)
    assert commits is not None
    assert len(commits) == 1
    assert len(asked) <= MAX_PAGES
    assert whole, "an empty page is the last one"


@pytest.mark.parametrize("address", ["http://elsewhere.invalid/p", "//evil.invalid", "http://[::1"])
def test_the_next_page_is_never_elsewhere(address: str) -> None:
    many = [("2026-01-01T00:00:00.000Z", "ann")] * 60
    entry = HubEntry(NUMBER, commits=many)
    with FakeHubAccounts({MINE: entry}, next_page=address) as fake:
        commits, whole, asked = client(fake).commits("models", MINE)
        places = [path for _, path, _ in fake.requests]
    assert commits is not None
    assert len(commits) == 50
    assert not whole, "a page that is not followed is missing"
    assert len(asked) == len(places) == 1


@pytest.mark.parametrize(
    ("number", "created"),
    [
        (NUMBER, "2022-12-06T17:24:51Z"),
        ("f" * 24, "2106-02-07T06:28:15Z"),
        ("", ""),
        ("x" * 24, ""),
    ],
)
def test_the_moment_in_a_number(number: str, created: str) -> None:
    assert created_by(number) == created
