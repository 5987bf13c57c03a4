"""What the hijack score says of twenty incidents, and of releases that were nobody's attack.

    python -m benchmarks maintainers

Incidents: ``fixtures/incidents``, each before the event, shortly after it, and later. Benign
releases: each held against the state before it, as if that had been accepted. Some of them happened
(:mod:`benchmarks.real_releases`), the others are drawn (:mod:`benchmarks.release_histories`);
they are never added up. The incidents are those that the likelihoods were set with: this measures
whether the rules hold together, not how many of the next twenty they would find. Exit code 1 where
a target is missed. Never a test.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import math
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import real_releases, release_histories
from benchmarks.release_histories import Rates, Step
from weighbridge.model.facts.project import ProjectFacts
from weighbridge.model.hijack.likelihood import Signal
from weighbridge.model.hijack.score import WARN_POINTS, Score, score
from weighbridge.model.hijack.signals import SIGNALS
from weighbridge.model.hijack.view import SignalState, View

INCIDENTS = Path(__file__).parents[1] / "fixtures" / "incidents"
FLAGGED_OF_20, WARN_SHARE, BLOCK_SHARE, SUBJECTS, SECONDS = 18, 0.02, 0.002, 500, 1.0
FEWEST_BENIGN = 800
OLD = 8  # releases back: a state that nobody looked at in the meantime
TODAY = dt.date(2026, 11, 21)


class Judged(NamedTuple):
    """A benign release: what was said of it, what happened, and what each signal's state was."""

    score: Score
    causes: tuple[str, ...]
    states: dict[str, SignalState]

    @property
    def blocked(self) -> bool:
        return bool(self.score.stops)

    @property
    def warned(self) -> bool:
        return self.score.points >= WARN_POINTS or self.blocked


def main() -> int:
    started = time.perf_counter()
    met = [incidents(), benign(), speed()]
    print(f"\n{time.perf_counter() - started:.0f} s in all; ", end="")
    print("all targets met" if all(met) else "A TARGET IS MISSED")
    return 0 if all(met) else 1


def incidents() -> bool:
    """The table; whether enough are flagged, none before its time, and none forgotten later."""
    print(f"{len(SIGNALS)} signals, warning from {WARN_POINTS} points. The facts are those of the "
          "public record,\nwhoever could have gathered them: nothing here asks npm, where seven "
          "incidents are\n")  # fmt: skip
    print(f"{'incident':22}{'before':>7}{'after':>6}{'later':>6}  stops  signals (points)")
    flagged, unseen, early, lost, missed = 0, 0, [], [], []
    for folder in sorted(path.parent for path in INCIDENTS.glob("*/incident.json")):
        told = json.loads((folder / "incident.json").read_text())
        scores = {name: look(folder, told, name) for name in told["as_of"]}
        after, later = scores["after"], scores.get("later")
        here = is_flagged(after)
        flagged += here
        unseen += is_flagged(look(folder, told, "after", without(after)))
        if not here:
            missed.append((told["name"], told["missed_because"] or "NOT EXPLAINED"))
        if "before" in scores and is_flagged(scores["before"]):
            early.append(told["name"])
        if here and later is not None and not is_flagged(later):
            lost.append(told["name"])
        shown = ", ".join(f"{item.signal} {item.counted}" for item in after.items) or "none"
        points = [str(s.points) if s else "" for s in (scores.get("before"), after, later)]
        print(f"{told['name']:22}{points[0]:>7}{points[1]:>6}{points[2]:>6}  "
              f"{len(after.stops) or '':5}  {shown}")  # fmt: skip
        for stop in after.stops:
            print(f"{'':48}stop: {stop[:90]}")
    print(f"\nflagged: {flagged} of 20 (target {FLAGGED_OF_20}); "
          f"with what an incident itself taught left out: {unseen} of 20")  # fmt: skip
    for name, why in missed:
        print(f"  missed: {name}: {why}")
    print(f"flagged before the event: {', '.join(early) or 'none'}; "
          f"not flagged any more later: {', '.join(lost) or 'none'}")  # fmt: skip
    return flagged >= FLAGGED_OF_20 and not early and not lost


def without(seen: Score) -> tuple[Signal, ...]:
    """The signals as they would be worth had nobody counted this incident."""
    fired = {item.signal for item in seen.items}
    made = []
    for one in SIGNALS:
        was = one.likelihood
        known = max(0, was.incidents - (one.id in fired))
        now = replace(was, incidents=known, incidents_judged=was.incidents_judged - 1)
        made.append(replace(one, likelihood=now))
    return tuple(made)


def look(
    folder: Path, told: dict[str, Any], name: str, signals: Sequence[Signal] = SIGNALS
) -> Score:
    """The state before is held against itself: nothing happened yet."""
    before: ProjectFacts | None = json.loads((folder / "before.json").read_text())
    now: ProjectFacts = json.loads((folder / f"{name}.json").read_text())
    return score(View(now, before, dt.date.fromisoformat(told["as_of"][name])), signals=signals)


def is_flagged(one: Score) -> bool:
    return one.points >= WARN_POINTS or bool(one.stops)


def benign() -> bool:
    """Releases that happened, and drawn ones; whether both stay below the targets."""
    downloaded, histories = real_releases.of_wheels(), list(release_histories.histories())
    wheels = judge(pairs(downloaded, 1))
    debian = judge(pairs(real_releases.of_changelogs(), release_histories.FIRST))
    drawn = judge(itertools.chain.from_iterable(histories))
    print("\nbenign releases, each against the state before it (95 % intervals, Wilson)")
    print(f"{'':42}{'releases':>9}{'warned':>26}{'blocked':>26}")
    line("HAPPENED: wheels (contents, needs, times)", wheels)
    line("HAPPENED: Debian changelogs (times only)", debian)
    line("DRAWN, rates as stated", drawn)
    for factor in (0.5, 2.0):
        rates = Rates().assumed(factor)
        steps = itertools.chain.from_iterable(release_histories.histories(rates))
        line(f"DRAWN, what is assumed x {factor:g}", judge(steps))
    old = [
        Step(steps[at - OLD].now, steps[at].now, ())
        for steps in histories
        for at in range(OLD, len(steps), OLD)
    ]
    line(f"DRAWN, one look for {OLD} releases", judge(old))
    line("HAPPENED: wheels, no state accepted", judge(Step(None, f, ()) for f in downloaded))
    line("DRAWN, no state accepted", judge(Step(None, s[-1].now, ()) for s in histories))
    changed, of = real_releases.declared_people_changed()
    print(f"declared people changed in {changed} of {of} wheels (stands in for owners; not scored)")
    by_signal(wheels, debian, drawn)
    by_cause(drawn)
    met = len(wheels) + len(drawn) >= FEWEST_BENIGN
    for name, some in (("wheels", wheels), ("Debian", debian), ("drawn", drawn)):
        warned, blocked = share(some, "warned"), share(some, "blocked")
        if warned > WARN_SHARE or blocked > BLOCK_SHARE:
            print(f"target missed: {name}: {warned:.2%} warned (at most {WARN_SHARE:.0%}), "
                  f"{blocked:.2%} blocked (at most {BLOCK_SHARE:.1%})")  # fmt: skip
            met = False
    return met


def pairs(projects: Iterable[ProjectFacts], first: int) -> list[Step]:
    """Each release but the first so many: the project before it beside the project with it."""
    found = []
    for facts in projects:
        releases = facts["releases"] or []
        for at in range(first, len(releases)):
            states: list[Any] = [
                {**facts, "releases": releases[:end], "release": releases[end - 1]["version"]}
                for end in (at, at + 1)
            ]
            found.append(Step(states[0], states[1], ()))
    return found


def judge(steps: Iterable[Step]) -> list[Judged]:
    found = []
    for step in steps:
        view = View(step.now, step.before, TODAY)
        made = score(view)
        states = dict.fromkeys(made.unavailable, SignalState.UNAVAILABLE)
        states |= dict.fromkeys(made.judged, SignalState.CLEAR)
        states |= {item.signal: SignalState.FIRED for item in made.items}
        found.append(Judged(made, step.causes, states))
    return found


def share(some: Sequence[Judged], what: str) -> float:
    return sum(bool(getattr(one, what)) for one in some) / len(some)


def line(name: str, some: Sequence[Judged]) -> None:
    text = f"{name:42}{len(some):9}"
    for what in ("warned", "blocked"):
        count = sum(getattr(one, what) for one in some)
        low, high = wilson(count, len(some))
        text += f"{count:6} {count / len(some):6.2%} ({low:.2%}-{high:.2%})".rjust(26)
    print(text)


def by_signal(*sets: Sequence[Judged]) -> None:
    print(f"\n{'fired of judged, by signal':26}{'wheels':>18}{'Debian':>18}{'drawn':>18}")
    for signal in SIGNALS:
        text = f"{signal.id:26}"
        for some in sets:
            states = Counter(one.states.get(signal.id) for one in some)
            fired, clear = states[SignalState.FIRED], states[SignalState.CLEAR]
            judged = fired + clear
            text += (f"{fired}/{judged} {fired / judged:7.2%}" if judged else "not told").rjust(18)
        print(text)


def by_cause(drawn: Sequence[Judged]) -> None:
    """Of what was drawn: how often it happened, and what became of it."""
    happened = Counter(cause for one in drawn for cause in one.causes)
    warned = Counter(cause for one in drawn if one.warned for cause in one.causes)
    blocked = Counter(cause for one in drawn if one.blocked for cause in one.causes)
    print("\nwhat was drawn: times, of which warned, blocked")
    for cause, count in happened.most_common():
        print(f"  {cause:32}{count:6}{warned[cause]:6}{blocked[cause]:6}")
    nothing = [one for one in drawn if not one.causes]
    print(f"  {'nothing':32}{len(nothing):6}{sum(o.warned for o in nothing):6}"
          f"{sum(o.blocked for o in nothing):6}")  # fmt: skip


def speed() -> bool:
    """All signals on so many projects that have a history, in one process."""
    steps = itertools.chain.from_iterable(s[-2:] for s in release_histories.histories())
    views = [View(step.now, step.before, TODAY) for step in itertools.islice(steps, SUBJECTS)]
    began = time.process_time()
    for view in views:
        score(view)
    used = time.process_time() - began
    print(f"\n{len(views)} projects scored in {used:.2f} s of processors (target {SECONDS:g} s)")
    return used < SECONDS


def wilson(count: int, of: int) -> tuple[float, float]:
    """The interval that holds the share with 95 % (Wilson 1927)."""
    z = 1.959964
    middle = (count + z * z / 2) / (of + z * z)
    half = z * math.sqrt(count * (of - count) / of + z * z / 4) / (of + z * z)
    return max(0.0, middle - half), min(1.0, middle + half)


if __name__ == "__main__":
    raise SystemExit(main())
