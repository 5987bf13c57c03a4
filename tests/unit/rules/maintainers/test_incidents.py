"""Twenty incidents, replayed: nothing before, flagged shortly after, and still flagged later."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
from pathlib import Path
from typing import Any, cast, get_args, get_type_hints

import pytest

from weighbridge.model.facts import project as facts
from weighbridge.model.facts.project import ProjectFacts, ReleaseFacts
from weighbridge.model.hijack.patterns import PATTERNS
from weighbridge.model.hijack.score import WARN_POINTS, Score, score
from weighbridge.model.hijack.signals import SIGNALS
from weighbridge.model.hijack.view import View

INCIDENTS = Path(__file__).parents[4] / "fixtures" / "incidents"
FOLDERS = sorted(path for path in INCIDENTS.iterdir() if (path / "incident.json").exists())
TOLD = {path.name: json.loads((path / "incident.json").read_text()) for path in FOLDERS}
FLAGGED = [name for name, told in TOLD.items() if told["flagged"]]
MISSED = [name for name, told in TOLD.items() if not told["flagged"]]
LARGEST = 100_000


def state(name: str, which: str) -> Any:
    return json.loads((INCIDENTS / name / f"{which}.json").read_text())


def replay(name: str, which: str, now: ProjectFacts | None = None) -> Score:
    as_of = dt.date.fromisoformat(TOLD[name]["as_of"][which])
    return score(View(now or state(name, which), state(name, "before"), as_of))


def flagged(one: Score) -> bool:
    return one.points >= WARN_POINTS or bool(one.stops)


def fired(one: Score) -> set[str]:
    return {item.signal for item in one.items}


def test_there_are_twenty_and_most_are_flagged() -> None:
    assert len(TOLD) == 20
    assert len(MISSED) <= 4  # each says why; more of them, and the score is not worth its name


@pytest.mark.parametrize("name", TOLD)
def test_an_incident_says_whence_its_facts_come(name: str) -> None:
    told = TOLD[name]
    assert told["name"] == name
    assert told["what"]
    assert told["sources"]
    assert told["documented"]
    assert bool(told["missed_because"]) is not told["flagged"]
    assert set(told["expected"]) <= {signal.id for signal in SIGNALS}
    assert told["date"] <= told["as_of"]["after"] <= told["as_of"].get("later", "9999")
    assert all(path.stat().st_size < LARGEST for path in (INCIDENTS / name).iterdir())


@pytest.mark.parametrize("name", TOLD)
def test_the_facts_have_the_shape_of_facts(name: str) -> None:
    told = TOLD[name]
    for which in ("before", "after", *(["later"] if "later" in told["as_of"] else [])):
        found = state(name, which)
        if found is None:
            assert which == "before"
            continue
        assert told["project"] == f"pkg:{found['system']}/{found['name']}"
        assert found.keys() == get_type_hints(ProjectFacts).keys()
        assert found["order"] in get_args(get_type_hints(ProjectFacts)["order"])
        for release in found["releases"] or ():
            assert release.keys() == get_type_hints(ReleaseFacts).keys()
            assert set(release["patterns"] or ()) <= set(PATTERNS)
        parts: list[tuple[list[Any], type]] = [
            (found["owners"] or [], facts.OwnerFacts),
            (found["domains"] or [], facts.DomainFacts),
            (found["dependencies"] or [], facts.DependencyFacts),
            (found["asked"], facts.AskedFacts),
            ([found["repository"]] if found["repository"] else [], facts.RepositoryFacts),
        ]
        for held, shape in parts:
            assert all(one.keys() == get_type_hints(shape).keys() for one in held)


@pytest.mark.parametrize("name", [n for n, told in TOLD.items() if "before" in told["as_of"]])
def test_nothing_is_said_before_the_event(name: str) -> None:
    found = replay(name, "before")
    assert found.points == 0
    assert found.stops == ()


@pytest.mark.parametrize("name", FLAGGED)
def test_it_is_flagged_shortly_after(name: str) -> None:
    found = replay(name, "after")
    assert flagged(found), found.items
    assert set(TOLD[name]["expected"]) <= fired(found)


@pytest.mark.parametrize("name", MISSED)
def test_what_is_missed_is_missed_for_the_reason_told(name: str) -> None:
    """Should a signal learn to see one of them, its ``incident.json`` has to say so."""
    found = replay(name, "after")
    assert not flagged(found), "it is flagged now: say so in incident.json"
    assert set(TOLD[name]["expected"]) <= fired(found)


@pytest.mark.parametrize("name", [n for n in FLAGGED if "later" in TOLD[n]["as_of"]])
def test_it_is_still_flagged_later(name: str) -> None:
    assert flagged(replay(name, "later"))


@pytest.mark.parametrize("name", [n for n in FLAGGED if state(n, "before") is not None])
def test_whatever_the_attacker_uploads_next_it_stays_flagged(name: str) -> None:
    """Twelve more releases, each like the last accepted one in all but version and time."""
    now, before = state(name, "after"), state(name, "before")
    last = (before["releases"] or [None])[-1]
    if last is not None:
        newest = dt.datetime.fromisoformat(
            now["releases"][-1]["uploaded"] or "2022-12-26T00:00:00Z"
        )
        for number in range(1, 13):
            at = (newest + dt.timedelta(days=9 * number)).isoformat().replace("+00:00", "Z")
            version = f"999.{number}"
            tag = f"v{version}" if last["tag"] else last["tag"]
            now["releases"].append({**last, "version": version, "uploaded": at, "tag": tag})
        now["release"] = now["releases"][-1]["version"]
    assert flagged(replay(name, "after", cast(ProjectFacts, now)))


def test_an_attack_by_the_old_token_stops_at_once() -> None:
    """Ultralytics' second wave: neither tag nor attestation, where every release had both."""
    found = replay("ultralytics-2024", "later")
    assert any("8.3.45" in stop for stop in found.stops)


def test_the_committed_facts_are_those_that_the_builder_writes(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("build", INCIDENTS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    build.main(tmp_path)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.json")}
    kept = {
        path.relative_to(INCIDENTS): path.read_bytes()
        for path in INCIDENTS.rglob("*.json")
        if path.name != "incident.json"
    }
    assert made == kept
