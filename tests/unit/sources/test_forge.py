"""A forge as a source: nothing it sends raises, and no failure reads as "there is none"."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.sources.canned import JSON, Canned, is_sound, twisted
from tests.unit.sources.clock import Clock

from weighbridge.collect.context import RawStore
from weighbridge.history.armored_key import armored_key
from weighbridge.model.errors import NetworkForbidden
from weighbridge.sources.forge import Forge
from weighbridge.sources.http import HttpClient
from weighbridge.sources.http_cache import HttpCache
from weighbridge.sources.json_service import Answer
from weighbridge.testing.failing_http import Mode
from weighbridge.testing.forge import (
    WEB_FLOW,
    FakeForge,
    account,
    commit,
    release,
    repository,
)

NAME, SHA, OTHER = "corp/demo", "a" * 40, "b" * 40
REPOSITORY = repository(NAME, 555, owner_id=77)
WHEEL = {"name": "x.whl", "size": 7, "digest": "sha256:" + "c" * 64}
RELEASE = release("v1.0", 1, published="2026-10-01T00:00:00Z", assets=[WHEEL])
FILE = {"path": "a/b.py", "mode": "100644", "type": "blob", "sha": OTHER, "size": 3}
TREE = {"sha": SHA, "truncated": False, "tree": [FILE]}
BOT = {"login": "release[bot]", "id": 5, "type": "Bot"}
FAILING = [
    Mode.ERROR, Mode.HTML, Mode.HALF, Mode.SLOW, Mode.TRICKLE, Mode.DROP, Mode.REDIRECT, Mode.EMPTY,
    Mode.GZIP_BOMB, Mode.FORBIDDEN, Mode.LIMITED, Mode.BUSY, Mode.HUGE, Mode.WRONG_TYPES,
    Mode.WRONG_DETAIL,
]  # fmt: skip


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GH_TOKEN", "GITHUB_TOKEN", "GITHUB_API_URL", "GH_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("weighbridge.sources.http._BACKOFF_SECONDS", 0.001)


def fake(**more: Any) -> FakeForge:
    return FakeForge(
        {NAME: REPOSITORY},
        **{
            "releases": {NAME: [RELEASE]},
            "tags": {NAME: [("v1.0", SHA)]},
            "commits": {NAME: {SHA: commit(SHA)}},
            "trees": {NAME: {SHA: {"a/b.py": OTHER}}},
            "accounts": {"ann": account("ann", 1001, created="2014-05-01T00:00:00Z")},
            "delay_seconds": 0.4,
            **more,
        },
    )


def client(timeout: float = 2.0) -> HttpClient:
    return HttpClient(offline=False, timeout_seconds=timeout, store=RawStore().put)


def questions(forge: Forge) -> list[Answer[Any]]:
    return [
        forge.repository(NAME), forge.releases(NAME), forge.tags(NAME),
        forge.tag_commit(NAME, "v1.0"), forge.commit(NAME, SHA), forge.tree(NAME, SHA),
        forge.account("ann"),
    ]  # fmt: skip


ASKED: dict[str, tuple[str, ...]] = {
    "repository": (NAME,), "releases": (NAME,), "tags": (NAME,), "tag_commit": (NAME, "v1.0"),
    "commit": (NAME, SHA), "tree": (NAME, SHA), "account": ("ann",),
}  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "mode"),
    [
        *(("repository", mode) for mode in FAILING),
        *(("tags", mode) for mode in FAILING),
        *((asked, mode) for asked in ASKED for mode in (Mode.EMPTY, Mode.WRONG_TYPES, Mode.HTML)),
        *((asked, Mode.WRONG_DETAIL) for asked in ("releases", "commit", "tree", "account")),
    ],
)
def test_no_failure_reads_as_an_answer_or_as_none(asked: str, mode: Mode) -> None:
    with fake(mode=mode) as service, client(0.15) as http:
        answer = getattr(Forge(http, service.url), asked)(*ASKED[asked])
    assert answer.state == "unavailable"
    assert is_sound(answer)
    assert answer.url.startswith(service.url)


def test_a_limit_is_told_with_its_end_and_no_question_follows() -> None:
    clock = Clock(1_800_000_000.0)
    with fake(left=2) as service:
        service.reset = 1_800_000_900
        forge = Forge(clock.client(), service.url)
        states = [answer.state for answer in questions(forge)]
        reason = forge.repository(NAME).reason
        assert len(service.requests) == 2
    assert states == ["observed", "observed", *["unavailable"] * 5]
    assert "answers again at 2027-01-15T08:15:00Z" in reason
    assert "GITHUB_TOKEN" in reason
    assert clock.slept == []


def test_names_that_are_none_are_not_asked_for() -> None:
    forge = Forge(HttpClient(offline=True), "https://forge.example")
    for name in (
        "", "corp", "corp/", "/demo", "corp/../user", "corp/..", "corp/demo/x", "co rp/demo",
        "corp/de\u202emo", "corp/demo?x", "corp/demo#x", "-corp/demo", "corp/%2e%2e",
    ):  # fmt: skip
        assert forge.repository(name).state == forge.releases(name).state == "unavailable"
        assert forge.commit(name, SHA).state == forge.tree(name, SHA).state == "unavailable"
    for tag in (
        "", "../../user", "a..b", "a b", "a\nb", "a~1", "a^", "a:b", "a?b", "/a", "a/", "a//b",
        "a@{0}", "a\\b", "x" * 251, "a.",
    ):  # fmt: skip
        assert is_sound(forge.tag_commit(NAME, tag))
        assert forge.tag_commit(NAME, tag).state == "unavailable"
    for sha in ("", "v1.0", "A" * 40, "a" * 39, "a" * 41, f"{SHA}\n"):
        assert forge.commit(NAME, sha).state == forge.tree(NAME, sha).state == "unavailable"
    for login in ("", "..", "a/b", "ann?x", "a\u202eb", "[bot]"):
        assert forge.account(login).state == "unavailable"
    with pytest.raises(NetworkForbidden):
        forge.repository(NAME)


def test_absent_is_what_the_forge_says_is_not_there() -> None:
    with fake(blocked={"corp/taken": "dmca"}) as service, client() as http:
        forge = Forge(http, service.url)
        gone = [
            forge.repository("corp/gone"), forge.releases("corp/gone"), forge.tags("corp/gone"),
            forge.tag_commit(NAME, "v9"), forge.commit(NAME, OTHER), forge.tree(NAME, OTHER),
            forge.account("nobody"), forge.repository("corp/taken"), forge.tags("corp/taken"),
        ]  # fmt: skip
        bare = fake(token="secret")
        with bare, client() as other:
            assert Forge(other, bare.url).repository(NAME).state == "unavailable"
    assert {answer.state for answer in gone} == {"absent"}
    assert all(is_sound(answer) and answer.raw for answer in gone)
    assert "(451: dmca)" in gone[-2].reason


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"block": 7}', b'{"block": {"reason": 7}}'])
def test_a_block_without_a_reason_is_one(body: bytes) -> None:
    answer = Forge(Canned(body, status=451)).repository(NAME)
    assert (answer.state, answer.reason[-5:]) == ("absent", "(451)")


def test_a_renamed_repository_is_followed_and_told() -> None:
    with fake(renamed={"old/demo": NAME}) as service, client() as http:
        forge = Forge(http, service.url)
        moved, own = forge.repository("old/demo"), forge.repository("Corp/Demo")
        tags, made = forge.tags("old/demo"), forge.tag_commit("old/demo", "v1.0")
    assert moved.value is not None
    assert (moved.value.name, moved.value.id, moved.value.moved) == (NAME, "555", True)
    assert own.value is not None
    assert not own.value.moved
    assert tags.value is not None
    assert made.value is not None


def test_a_redirect_to_one_repository_does_not_answer_with_another() -> None:
    class Led(Canned):
        def get(self, url: str, **more: Any) -> Any:
            from dataclasses import replace

            return replace(super().get(url, **more), url="https://api.github.com/repositories/9")

    assert Forge(Led(REPOSITORY)).repository("old/demo").state == "unavailable"
    assert Forge(Canned(REPOSITORY)).repository("old/demo").state == "unavailable"
    assert Forge(Led({**REPOSITORY, "id": 9})).repository("old/demo").state == "observed"


@pytest.mark.parametrize("number", [None, 0, -1, True, 1.5, "555", 2**63, 1e400, [], {}])
def test_an_id_that_is_none_makes_the_answer_unusable(number: Any) -> None:
    body = {**REPOSITORY, "id": number} if number != 1e400 else None
    raw = b'{"full_name": "corp/demo", "id": 1e400}'
    assert Forge(Canned(body if body else raw)).repository(NAME).state == "unavailable"
    owner = {**REPOSITORY, "owner": {"login": "corp", "id": number}}
    if body:
        assert Forge(Canned(owner)).repository(NAME).state == "unavailable"


def test_pages_are_read_to_their_end_and_no_further() -> None:
    tags = [(f"v{n}", SHA) for n in range(250)]
    with fake(tags={NAME: tags}) as service, client() as http:
        whole = Forge(http, service.url).tags(NAME)
        assert len(service.requests) == 3
        service.tags[NAME] = [(f"v{n}", SHA) for n in range(5000)]
        cut = Forge(http, service.url).tags(NAME)
        assert len(service.requests) == 13
    assert whole.value is not None
    assert (len(whole.value.items), whole.value.complete) == (250, True)
    assert len(whole.raw) == 3
    assert cut.value is not None
    assert (len(cut.value.items), cut.value.complete) == (1000, False)


def test_the_same_page_for_ever_is_no_list() -> None:
    again = Canned([{"name": "v1", "commit": {"sha": SHA}}], link='<x>; rel="next"')
    answer = Forge(again).tags(NAME)
    assert (answer.state, len(answer.raw)) == ("unavailable", 2)


def test_a_page_that_is_missing_makes_the_list_unavailable() -> None:
    class Half(FakeForge):
        def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
            return (500, {}) if "page=2" in path.split("&") else super().answer(method, path, body)

    with Half({NAME: REPOSITORY}, tags={NAME: [(f"v{n}", SHA) for n in range(150)]}) as service:
        answer = Forge(client(), service.url).tags(NAME)
    assert (answer.state, answer.value, len(answer.raw)) == ("unavailable", None, 2)


@pytest.mark.parametrize(
    ("more", "signed_by"),
    [
        ({}, "author"),
        ({"committer": WEB_FLOW}, "web-flow"),
        ({"committer": BOT}, "bot"),
        ({"verified": False, "reason": "unsigned", "signature": None}, "none"),
        ({"verified": False, "reason": "unknown_key"}, "none"),
        ({"verified": False, "reason": "bad_email", "committer": WEB_FLOW}, "none"),
        ({"verified": False, "reason": "gpgverify_unavailable"}, None),
        ({"verified": None}, None),
    ],
)
def test_who_signed_a_commit(more: dict[str, Any], signed_by: str | None) -> None:
    answer = Forge(Canned(commit(SHA, **more)), key_of=lambda _: "SHA256:abc").commit(NAME, SHA)
    assert answer.value is not None
    assert answer.value.signed_by == signed_by
    assert answer.value.key == ("SHA256:abc" if answer.value.signature else "")
    assert "BEGIN" not in repr(answer)


def test_a_cut_tree_is_not_complete_and_folders_are_left_out() -> None:
    with fake(truncated=(OTHER,)) as service, client() as http:
        service.trees[NAME][OTHER] = {}  # type: ignore[index]
        forge = Forge(http, service.url)
        whole, cut = forge.tree(NAME, SHA), forge.tree(NAME, OTHER)
    assert whole.value is not None
    assert [entry.path for entry in whole.value.entries] == ["a/b.py"]
    assert whole.value.complete
    assert cut.value is not None
    assert not cut.value.complete
    for tree in ({"sha": SHA, "tree": []}, {"sha": SHA, "tree": [], "truncated": None}):
        untold = Forge(Canned(tree)).tree(NAME, SHA)
        assert untold.value is not None
        assert not untold.value.complete


def test_text_of_strangers_is_shown_with_escapes() -> None:
    evil = {
        **REPOSITORY,
        "default_branch": "ma\u202ein\x1b[2J",
        "parent": {"full_name": "a/\u2066b"},
    }
    answer = Forge(Canned(evil)).repository(NAME)
    assert answer.value is not None
    assert answer.value.default_branch == "ma\\u202ein\\x1b[2J"
    assert answer.value.fork_of == "a/\\u2066b"


@pytest.mark.parametrize("adds_fields", [False, True])
def test_what_a_forge_tells(adds_fields: bool) -> None:
    with fake() as service, client() as http:
        service.adds_fields = adds_fields
        answers = questions(Forge(http, service.url, key_of=armored_key))
    assert {answer.state for answer in answers} == {"observed"}
    assert all(is_sound(answer) and len(answer.raw) == 1 for answer in answers)
    found, releases, tags, tagged, made, tree, person = (answer.value for answer in answers)
    assert (found.owner, found.owner_id, found.fork_of, found.archived) == ("corp", "77", "", False)
    assert (found.created, found.pushed) == ("2019-01-01T00:00:00Z", "2026-10-01T00:00:00Z")
    assert releases.items[0].assets[0].sha256 == "c" * 64
    assert (tags.items[0].name, tags.items[0].commit, tags.complete) == ("v1.0", SHA, True)
    assert tagged == made
    assert (made.author, made.verified_at, made.reason) == ("ann", "2026-10-01T08:00:00Z", "valid")
    assert tree.entries[0].sha == OTHER
    assert (person.id, person.created) == ("1001", "2014-05-01T00:00:00Z")


def test_what_was_told_before_is_not_sent_again(tmp_path: Any) -> None:
    with fake(left=8) as service:
        first = questions(
            Forge(HttpClient(offline=False, cache=HttpCache(tmp_path / "c")), service.url)
        )
        again = questions(
            Forge(HttpClient(offline=False, cache=HttpCache(tmp_path / "c")), service.url)
        )
        assert all("if-none-match" in headers for headers in service.headers[7:])
    assert [a.value for a in first] == [a.value for a in again]


HONEST: dict[str, Any] = {
    "repository": REPOSITORY, "releases": [RELEASE],
    "tags": [{"name": "v1", "commit": {"sha": SHA}}],
    "tag_commit": commit(SHA), "commit": commit(SHA, committer=BOT), "tree": TREE,
    "account": account("ann", 1, created="2014-05-01T00:00:00Z"),
}  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_json_raises(data: st.DataObject) -> None:
    which = data.draw(st.sampled_from(sorted(HONEST)))
    body = data.draw(twisted(HONEST[which]) | JSON)
    status = data.draw(st.sampled_from([200, 200, 200, 404, 422, 451, 500, 304, 0]))
    http = Canned(body, status=status, link=data.draw(st.text(max_size=20)))
    for answer in questions(Forge(http, key_of=armored_key)):
        assert is_sound(answer)
