"""Whatever a project's facts are: no crash, nothing missing is clear, what fired stays fired."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weighbridge.model.canonical import freeze
from weighbridge.model.facts.project import ProjectFacts
from weighbridge.model.hijack.likelihood import Group, Signal
from weighbridge.model.hijack.score import score
from weighbridge.model.hijack.signals import SIGNALS
from weighbridge.model.hijack.signals_releases import RELEASES
from weighbridge.model.hijack.view import Reading, SignalState, View

AS_OF = dt.date(2026, 11, 20)
TEXT = st.text(max_size=6)
NAMES = st.sampled_from(["alice", "bob", "Alice", ""])
VERSIONS = st.sampled_from([*(f"{a}.{b}.0" for a in range(3) for b in range(6)), "2rc1", "x", ""])
DAYS = st.integers(0, 4000).map(
    lambda n: (dt.datetime(2016, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=7 * n)).isoformat()
)
TIMES = DAYS | st.sampled_from(
    ["", "soon", "2026-02-30", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "20261120"]
)
BOOLS = st.sampled_from([True, False])
MAYBE = st.sampled_from([True, False, None])


def some(strategy: Any, size: int = 3) -> Any:
    return st.none() | st.lists(strategy, max_size=size)


def shape(**fields: Any) -> Any:
    return st.fixed_dictionaries(fields)


PUBLISHERS = shape(
    kind=st.sampled_from(["GitHub", "token", "GitLab"]), repository=NAMES, workflow=NAMES,
    environment=NAMES, user=NAMES,
)  # fmt: skip
RELEASE = shape(
    version=VERSIONS, uploaded=TIMES, final=BOOLS, yanked=MAYBE,
    publisher=st.none() | PUBLISHERS, attested=MAYBE, tag=st.none() | NAMES, commit=TEXT,
    signed_by=st.sampled_from(["author", "web-flow", "bot", "none", None]), signing_key=NAMES,
    requires=some(NAMES), hooks=some(NAMES), size=st.none() | st.integers(-1, 10**9),
    binaries=some(shape(path=NAMES, size=st.integers(-1, 10**9))), differs=some(NAMES),
    patterns=some(st.sampled_from(["decodes-and-runs", "steals-environment", "other"])),
    sha256=st.lists(st.sampled_from(["a" * 64, "b" * 64]), max_size=2),
)  # fmt: skip
OWNERS = shape(name=NAMES, role=TEXT, id=st.sampled_from(["", "1", "2"]), created=TIMES)
DOMAINS = shape(name=NAMES, registered=TIMES, exists=MAYBE)
REPOSITORY = shape(
    host=NAMES, name=NAMES, id=st.sampled_from(["", "1", "2"]), owner=NAMES,
    owner_id=st.sampled_from(["", "1", "2"]), created=TIMES, pushed=TIMES, archived=MAYBE,
    disabled=MAYBE, fork_of=st.none() | NAMES,
)  # fmt: skip
PROJECT = shape(
    system=st.sampled_from(["pypi", "npm", "huggingface", "github"]), name=NAMES, release=VERSIONS,
    identity=st.sampled_from(["", "1", "2"]), created=TIMES,
    status=st.sampled_from(["", "active", "archived", "quarantined", "disabled", "deleted"]),
    status_reason=TEXT, owner=NAMES, owner_id=st.sampled_from(["", "1"]), owner_created=TIMES,
    owners=some(OWNERS), domains=some(DOMAINS), repository=st.none() | REPOSITORY,
    releases=some(RELEASE, 12), order=st.sampled_from(["upload", "mirror", "unknown"]),
    dependencies=some(shape(name=NAMES, created=TIMES)), scorecard=st.none(),
    malicious=some(st.just("MAL-2026-1"), 1), resembles=some(NAMES), asked=st.just([]),
)  # fmt: skip
SILENT: dict[str, Any] = {
    "owners": None, "domains": None, "repository": None, "releases": None, "dependencies": None,
    "malicious": None, "resembles": None, "owner": "", "owner_id": "", "order": "unknown",
    "identity": "", "created": "", "owner_created": "", "status": "",
}  # fmt: skip


def frozen(facts: dict[str, Any]) -> ProjectFacts:
    """As evidence holds it: lists are tuples, objects cannot be changed."""
    return cast(ProjectFacts, freeze(facts))


@settings(max_examples=80, deadline=None)
@given(PROJECT, st.none() | PROJECT)
def test_any_facts_are_read_and_scored(now, before) -> None:
    view = View(frozen(now), frozen(before) if before is not None else None, AS_OF)
    for signal in SIGNALS:
        readings = list(signal.read(view))
        assert readings, signal.id
        assert all(r.signal == signal.id and r.what for r in readings)
    total = score(view)
    assert total == score(view)
    assert total.points == sum(item.counted for item in total.items)
    assert 0 <= total.coverage <= 100


@settings(max_examples=60, deadline=None)
@given(PROJECT, PROJECT, st.lists(RELEASE, min_size=1, max_size=6))
def test_what_fired_stays_fired_whatever_is_uploaded_later(now, before, later) -> None:
    now = {**now, "releases": now["releases"] or []}
    before = {**before, "releases": before["releases"] or []}
    known = {r["version"] for r in (*now["releases"], *before["releases"])}
    later = [{**r, "version": f"9.{n}.{r['version']}"} for n, r in enumerate(later)]
    assert not known & {r["version"] for r in later}
    first = View(frozen(now), frozen(before), AS_OF)
    then = View(frozen({**now, "releases": [*now["releases"], *later]}), frozen(before), AS_OF)
    for signal in RELEASES:
        was, now_is = _fired(signal, first), _fired(signal, then)
        assert was <= now_is, signal.id
    assert score(then).points >= score(first, signals=SIGNALS).points
    assert set(score(first).stops) <= set(score(then).stops)


def _fired(signal: Signal, view: View) -> set[tuple[str, str]]:
    return {(r.release, r.key) for r in signal.read(view) if r.state is SignalState.FIRED}


@settings(max_examples=40, deadline=None)
@given(PROJECT, st.none() | PROJECT)
def test_a_project_that_tells_nothing_is_never_clear(now, before) -> None:
    view = View(frozen({**now, **SILENT}), frozen(before) if before else None, AS_OF)
    # that a project was accepted under its name is known, though it tells nothing now
    for signal in (s for s in SIGNALS if s.group is not Group.NAME or before is None):
        states = {reading.state for reading in signal.read(view)}
        assert SignalState.CLEAR not in states, signal.id


@settings(max_examples=40, deadline=None)
@given(
    PROJECT,
    st.sampled_from(
        [
            ("changed-publisher", "publisher"),
            ("dropped-attestations", "attested"),
            ("untagged-release", "tag"),
            ("young-dependency", "requires"),
        ]
    ),
)
def test_a_release_that_does_not_tell_it_is_never_clear(now, told) -> None:
    name, field = told
    releases = [{**r, field: None} for r in now["releases"] or []]
    view = View(frozen({**now, "releases": releases}), None, AS_OF)
    signal = next(s for s in RELEASES if s.id == name)
    assert SignalState.CLEAR not in {reading.state for reading in signal.read(view)}


GROUPS = st.sampled_from(list(Group))
FIRING = st.lists(
    st.tuples(st.sampled_from(range(len(SIGNALS))), st.sampled_from(["", "1.0", "2.0"])),
    max_size=6,
)


def _made(which: list[tuple[int, str]]) -> list[Signal]:
    """Signals of the table that fire for given releases."""
    by_signal: dict[int, list[str]] = {}
    for number, release in which:
        by_signal.setdefault(number, []).append(release)

    def reader(name: str, releases: list[str]) -> Any:
        return lambda _view: iter(
            [Reading(name, SignalState.FIRED, "shows it", release) for release in releases]
        )

    return [
        Signal(s.id, reader(s.id, releases), s.group, s.likelihood)
        for number, releases in sorted(by_signal.items())
        for s in (SIGNALS[number],)
    ]


@settings(max_examples=60, deadline=None)
@given(FIRING, FIRING, st.integers(1, 40))
def test_a_signal_more_never_lowers_the_score(some_fired, more, warn) -> None:
    view = View(frozen(_empty()), None, AS_OF)
    fewer = score(view, signals=_made(some_fired), warn_points=warn)
    all_of_them = score(view, signals=_made([*some_fired, *more]), warn_points=warn)
    assert all_of_them.points >= fewer.points
    assert set(all_of_them.stops) >= set(fewer.stops)


@pytest.mark.parametrize("warn", range(1, 60, 4))
def test_times_alone_stay_below_every_warning_line(warn) -> None:
    timing = [n for n, signal in enumerate(SIGNALS) if signal.group is Group.TIMING]
    assert timing
    view = View(frozen(_empty()), None, AS_OF)
    total = score(view, signals=_made([(n, "1.0") for n in timing]), warn_points=warn)
    assert total.points < warn
    assert not total.stops


def _empty() -> dict[str, Any]:
    return {
        "system": "pypi", "name": "x", "release": "", "status_reason": "", "scorecard": None,
        "asked": [], **SILENT,
    }  # fmt: skip
