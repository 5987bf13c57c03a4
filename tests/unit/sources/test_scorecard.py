"""Scorecard as a source: a score is one, or there is none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from tests.unit.sources.canned import JSON, Canned, is_sound, twisted

from weighbridge.collect.context import RawStore
from weighbridge.sources.http import HttpClient
from weighbridge.sources.scorecard import Check, ScorecardClient
from weighbridge.testing.failing_http import Mode
from weighbridge.testing.scorecards import FakeScorecards, scorecard

NAME = "github.com/corp/demo"
HONEST = scorecard(NAME, 6.2)


@pytest.fixture(autouse=True)
def _no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weighbridge.sources.http._BACKOFF_SECONDS", 0.001)


@pytest.mark.parametrize(
    "mode",
    [
        Mode.ERROR, Mode.HTML, Mode.HALF, Mode.SLOW, Mode.TRICKLE, Mode.DROP, Mode.REDIRECT,
        Mode.EMPTY, Mode.GZIP_BOMB, Mode.FORBIDDEN, Mode.LIMITED, Mode.BUSY, Mode.HUGE,
        Mode.WRONG_TYPES, Mode.WRONG_DETAIL,
    ],
)  # fmt: skip
def test_no_failure_reads_as_a_score_or_as_none(mode: Mode) -> None:
    with (
        FakeScorecards({NAME: HONEST}, mode=mode, delay_seconds=0.4) as service,
        HttpClient(offline=False, timeout_seconds=0.15) as http,
    ):
        answer = ScorecardClient(http, service.url).ask(NAME)
    assert answer.state == "unavailable"
    assert is_sound(answer)


@pytest.mark.parametrize(
    "more",
    [
        {"score": 40}, {"score": 10.01}, {"score": -2}, {"score": True}, {"score": "6.2"},
        {"score": None}, {"date": "yesterday"}, {"date": 7}, {"date": None}, {"checks": {}},
        {"checks": [7]}, {"checks": [{"name": "X", "score": 11}]}, {"checks": [{"score": 1}]},
        {"checks": [{"name": "X", "score": 1}] * 201}, {"repo": None}, {"repo": {"name": 7}},
        {"repo": {"name": "github.com/corp/other"}}, {"scorecard": []},
    ],
)  # fmt: skip
def test_a_result_that_is_none_is_not_shown(more: dict[str, Any]) -> None:
    """A score of 40 out of 10 was published once (ossf/scorecard#3766)."""
    answer = ScorecardClient(Canned({**HONEST, **more})).ask(NAME)
    assert answer.state == "unavailable"
    assert is_sound(answer)


@pytest.mark.parametrize(
    "name",
    ["", "corp/demo", "github.com/corp", "github.com/corp/..", "github.com/corp/demo/x",
     "evil.example/corp/demo", "github.com/corp/de mo", "github.com/corp/demo?x",
     "github.com/../a"],
)  # fmt: skip
def test_names_that_are_none_are_not_asked_for(name: str) -> None:
    assert ScorecardClient(HttpClient(offline=True)).ask(name).state == "unavailable"


def test_what_a_scorecard_tells() -> None:
    store = RawStore()
    with (
        FakeScorecards({NAME: HONEST}) as service,
        HttpClient(offline=False, store=store.put) as http,
    ):
        service.adds_fields = True
        client = ScorecardClient(http, service.url)
        answer, none = client.ask(NAME), client.ask("github.com/corp/other")
    assert answer.value is not None
    assert (answer.value.score, answer.value.date) == (6.2, "2026-10-01")
    assert answer.value.version == "v5.5.0"
    assert answer.value.checks[1] == Check("Fuzzing", -1, "internal error")
    assert answer.raw[0] in store.blobs
    assert (none.state, len(none.raw)) == ("absent", 1)
    times = ("2026-10-01T00:00:00Z", "2026-10-01 10:00:00.123", "2026-10-01T00:00:00+02:00")
    for time in times:
        timed = ScorecardClient(Canned({**HONEST, "date": time})).ask(NAME)
        assert timed.value is not None
        assert timed.value.date == "2026-10-01"


@settings(max_examples=30, deadline=None)
@given(body=twisted(HONEST) | JSON)
def test_no_json_raises(body: Any) -> None:
    assert is_sound(ScorecardClient(Canned(body)).ask(NAME))
