"""The Hub as a source: no failure of it reads as a card, or as a model that is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from weighbridge.collect.context import RawStore
from weighbridge.model.errors import ConfigurationError, NetworkForbidden
from weighbridge.sources import hub as hub_source
from weighbridge.sources.card_folder import MAX_HEAD, CardFolder
from weighbridge.sources.http import HttpClient
from weighbridge.sources.hub import HubAnswer, HubClient, configured_hub
from weighbridge.testing.hub import FakeHub, Mode

CARD = "---\nlicense: mit\n---\n# Base\n"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
CARDS = {"org/base": CARD, "datasets/org/data": "---\nlicense: cc-by-4.0\n---\n", "org/bare": ""}


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    monkeypatch.setattr("weighbridge.sources.http._BACKOFF_SECONDS", 0.001)


def ask(hub: FakeHub, name: str, revision: str = "", *, timeout: float = 2.0) -> HubAnswer:
    kind = "datasets" if name.startswith("datasets/") else "models"
    with HttpClient(offline=False, timeout_seconds=timeout, store=RawStore().put) as http:
        return HubClient(http, hub.url).ask(kind, name.removeprefix("datasets/"), revision)


@pytest.mark.parametrize(
    "mode",
    [
        Mode.ERROR, Mode.HTML, Mode.HALF, Mode.SLOW, Mode.TRICKLE, Mode.DROP, Mode.REDIRECT,
        Mode.EMPTY,
    ],
)  # fmt: skip
def test_no_failure_reads_as_a_card_or_as_gone(mode: Mode) -> None:
    with FakeHub(CARDS, mode=mode, delay_seconds=0.5) as hub:
        answer = ask(hub, "org/base", timeout=0.1)
    assert answer.state == "unavailable"
    assert answer.why
    assert answer.card is None
    assert "org/base" not in answer.why, "a reason is the same for all repositories"


def test_a_card_of_a_gigabyte_is_given_up() -> None:
    with FakeHub(CARDS, huge=True) as hub:
        answer = ask(hub, "org/base")
    assert (answer.state, answer.card) == ("unavailable", None)
    assert f"more than {hub_source.MAX_CARD} bytes" in answer.why


def test_three_failures_end_the_asking() -> None:
    with FakeHub(CARDS, mode=Mode.DROP) as hub:
        with HttpClient(offline=False, timeout_seconds=1) as http:
            client = HubClient(http, hub.url)
            answers = [client.ask("models", f"org/{n}") for n in range(6)]
        asked = len(hub.requests)
    assert {answer.state for answer in answers} == {"unavailable"}
    assert asked == 9, "three questions, each tried three times"


def test_the_number_of_requests_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_source, "MAX_REQUESTS", 3)
    with FakeHub(CARDS) as hub, HttpClient(offline=False) as http:
        client = HubClient(http, hub.url)
        first, second = client.ask("models", "org/base"), client.ask("models", "org/base")
        assert len(hub.requests) == 3
    assert first.state == "read"
    assert (second.state, second.card) == ("cut", None)


def test_gone_gated_and_neither_are_told_apart() -> None:
    with FakeHub(CARDS, gated=("org/base",), tags={"org/base": ["license:llama3.1"]}) as hub:
        gone, gated, bare = (ask(hub, name) for name in ("org/gone", "org/base", "org/bare"))
        revision = ask(hub, "org/base", "f" * 40)
    assert gone.state == "vanished"
    assert "repository" in gone.why
    assert revision.state == "vanished"
    assert "revision" in revision.why
    assert gated.state == "unavailable"
    assert gated.why.startswith("gated")
    assert gated.tags == ("license:llama3.1",), "the Hub's own reading is there all the same"
    assert (bare.state, bare.card) == ("read", None)


def test_a_private_model_is_not_called_gone() -> None:
    with FakeHub(CARDS, token="other") as hub:
        answer = ask(hub, "org/base")
    assert answer.state == "unavailable"
    assert "gated or private" in answer.why


def test_a_short_wait_is_waited_once_a_long_one_never(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("weighbridge.sources.http.time.sleep", slept.append)
    with FakeHub(CARDS, busy=1, retry_after="2") as hub:
        assert ask(hub, "org/base").state == "read"
    assert slept == [2.0]
    with FakeHub(CARDS, busy=1, retry_after="3600") as hub:
        answer = ask(hub, "org/base")
    assert slept == [2.0]
    assert "3600" in answer.why
    with FakeHub(CARDS, busy=9, retry_after="9" * 400) as hub:
        assert ask(hub, "org/base").state == "unavailable"


def test_what_the_hub_says_of_a_model_and_of_data() -> None:
    with FakeHub(CARDS, renamed={"base": "org/base"}) as hub:
        base, data, renamed = (ask(hub, name) for name in ("org/base", "datasets/org/data", "base"))
        assert base.commit == hub.commit("org/base")
        assert ask(hub, "org/base", base.commit).card == CARD.encode()
        assert hub.requests[1][1] == f"/org/base/resolve/{base.commit}/README.md"
    assert base.card == CARD.encode()
    assert len(base.raw) == 2
    assert data.state == "read"
    assert renamed.card == CARD.encode()


def test_the_token_goes_to_this_machine_or_over_https_and_into_no_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with FakeHub(CARDS, token="hf_secret") as hub:
        assert ask(hub, "org/base").state == "read"
        assert set(hub.credentials) == {"Bearer hf_secret"}
    with FakeHub(CARDS, mode=Mode.REDIRECT) as hub:
        assert "secret" not in ask(hub, "org/base").why
    assert hub_source._credentials("http://mirror.example") == {}
    assert hub_source._credentials("https://mirror.example")
    monkeypatch.setenv("HF_TOKEN", "broken\r\nX-Evil: 1")
    with FakeHub(CARDS) as hub:
        assert ask(hub, "org/base").state == "unavailable"
        assert hub.requests == []


def test_the_default_address(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    assert configured_hub() == constants.ENDPOINT
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example")
    assert configured_hub() == "https://mirror.example"
    monkeypatch.delenv("HF_ENDPOINT")
    monkeypatch.setattr(hub_source, "_CLIENT", "no_such_client.constants")
    with pytest.raises(ConfigurationError, match="HF_ENDPOINT"):
        configured_hub()


def test_offline_is_a_defect_of_the_caller() -> None:
    with pytest.raises(NetworkForbidden):
        HubClient(HttpClient(offline=True), "http://127.0.0.1:9").ask("models", "org/base")


def test_the_stand_in_is_a_hub_to_the_hubs_own_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    # the client looks up a list of programs to name in its User-Agent, wherever that is
    monkeypatch.setattr("huggingface_hub.utils._headers.detect_agent", lambda: None)

    def card(hub: FakeHub, name: str, **more: str) -> str:
        return hf_hub_download(
            name, "README.md", endpoint=hub.url, cache_dir=tmp_path / "cache", token=False, **more
        )

    cards = {**CARDS, "org/gated": CARD}
    with FakeHub(cards, gated=("org/gated",), tags={"org/base": ["license:mit"]}) as hub:
        api = HfApi(endpoint=hub.url, token=False)
        info = api.model_info("org/base")
        assert (info.sha, info.tags) == (hub.commit("org/base"), ["license:mit"])
        assert api.dataset_info("org/data").sha == hub.commit("datasets/org/data")
        assert Path(card(hub, "org/base")).read_text() == CARD
        card(hub, "org/data", repo_type="dataset")
        for name, error in (
            ("org/gone", RepositoryNotFoundError),
            ("org/bare", EntryNotFoundError),
            ("org/gated", GatedRepoError),
        ):
            with pytest.raises(error):
                card(hub, name)
        with pytest.raises(RevisionNotFoundError):
            api.model_info("org/base", revision="f" * 40)
        commit = hub.commit("org/base")
    # the cache that the client wrote is a folder of cards to us
    folder = CardFolder(tmp_path / "cache")
    held = folder.find("models", "org/base")
    assert held is not None
    assert (held.commit, held.files["README.md"]) == (commit, CARD.encode())
    assert folder.find("models", "org/base", commit) == held
    assert folder.find("models", "org/base", "f" * 40) is None
    assert folder.find("datasets", "org/data") is not None


def test_a_folder_of_cards_reads_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("outside")
    folder = tmp_path / "cards"
    (folder / "org" / "big").mkdir(parents=True)
    (folder / "org" / "big" / "README.md").write_bytes(b"x" * (50 * 2**20))
    (folder / "org" / "dir" / "README.md").mkdir(parents=True)
    source = CardFolder(folder)
    for name in ("..", "../..", "org/..", "/etc", "org/../..", "a/b/c", "org/x\0y", "-/x", ""):
        assert source.find("models", name) is None
    assert source.find("models", "org/dir") is None
    held = source.find("models", "org/big", "../../../x")
    assert held is not None
    assert (len(held.files["README.md"]), held.sizes["README.md"]) == (MAX_HEAD, 50 * 2**20)
