"""Points, item by item: what counts, what counts once, what stops at once."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from tests.unit.model.hijack.projects import (
    history,
    owner,
    project,
    release,
    token,
    view,
)

from weighbridge.model.hijack import score as scoring
from weighbridge.model.hijack.habits import broken, line
from weighbridge.model.hijack.likelihood import Group, Likelihood, Signal
from weighbridge.model.hijack.score import STOPS, WARN_POINTS, score, unknown_stops
from weighbridge.model.hijack.signals import SIGNALS
from weighbridge.model.hijack.view import Reading, SignalState

POINTS = {signal.id: signal.likelihood.points for signal in SIGNALS}


def after(before: list, *new, **changes):
    return view(project([*before, *new], **changes), project(before))


def always(name: str, group: Group, points: int = 12, *releases: str) -> Signal:
    """A signal that fires for some releases, or for the project."""

    def read(_view):
        for version in releases or ("",):
            yield Reading(name, SignalState.FIRED, f"shows {name}", version)

    benign = 10**6
    fired = round((0.5 / 21) / 10 ** (points / 10) * (benign + 1))
    return Signal(name, read, group, Likelihood(0, 20, fired, benign, "made for the test"))


def test_a_project_that_shows_nothing_has_no_points() -> None:
    total = score(after(history(), release("2.0.0", 740)))
    assert (total.points, total.items, total.stops, total.release) == (0, (), (), "")
    assert {"changed-owner", "dropped-attestations", "release-burst"} <= set(total.judged)


def test_a_mirror_leaves_most_open_and_none_of_it_counts_as_clear() -> None:
    told = ("publisher", "attested", "tag", "requires", "hooks", "binaries", "differs",
            "patterns", "signed_by", "size")  # fmt: skip
    silent = [release(r["version"], **dict.fromkeys(told)) for r in history()]
    now = project(silent, owners=None, owner="", owner_id="", domains=None, order="mirror")
    total = score(view(now))
    mine = {"changed-publisher", "dropped-attestations", "untagged-release", "dormant-release",
            "release-burst", "young-dependency", "account-domain"}  # fmt: skip
    assert mine <= set(total.unavailable)
    assert not mine & set(total.judged)
    assert total.coverage < 50


def test_readings_on_the_project_count_for_each_release_and_the_worst_one_counts() -> None:
    bad, good = release("2.0.0", 730, tag=""), release("2.0.1", 735)
    total = score(after(history(), bad, good, owners=[owner("mallory", "2")]))
    assert total.release == "2.0.0"
    assert total.points == POINTS["changed-owner"] + POINTS["untagged-release"]
    assert [item.signal for item in total.items] == ["changed-owner", "untagged-release"]


def test_signals_of_one_group_count_once() -> None:
    bad = release("2.0.0", 730, attested=False, publisher=token())
    total = score(after(history(), bad))
    assert [(item.signal, item.counted) for item in total.items] == [
        ("changed-publisher", 9),
        ("dropped-attestations", 0),
    ]
    assert "+0 of 9" in str(total.items[1])


def test_several_readings_of_one_signal_count_once() -> None:
    total = score(after(history(), owners=[owner("eve", "2"), owner("mallory", "3")]))
    assert total.points == POINTS["changed-owner"]
    assert "and 2 more" in total.items[0].what


@pytest.mark.parametrize("warn", [1, 5, 10, 30])
def test_times_alone_never_reach_the_warning_line(warn) -> None:
    new = [release(f"2.0.{n}", 3000 + n / 10) for n in range(5)]
    total = score(after(history(4), *new), warn_points=warn)
    assert 0 <= total.points < warn
    if warn > 9:
        assert total.points > 0


def test_two_signals_on_times_are_held_together() -> None:
    signals = [always("a", Group.TIMING, 9), always("b", Group.TIMING, 4)]
    assert score(view(project()), signals=signals).points == WARN_POINTS - 1


@pytest.mark.parametrize("change", [{"attested": False}, {"publisher": token(), "attested": False}])
def test_an_untagged_release_without_its_attestation_stops_at_once(change) -> None:
    bad = release("2.0.0", 730, tag="", **change)
    total = score(after(history(), bad))
    assert total.stops
    assert all(stop.endswith("on 2.0.0") for stop in total.stops)


def test_the_same_two_on_two_releases_stop_nothing() -> None:
    one, other = release("2.0.0", 730, tag=""), release("2.0.1", 735, attested=False)
    assert score(after(history(), one, other)).stops == ()


@pytest.mark.parametrize(
    "changes",
    [{"malicious": ["MAL-2026-1"]}, {"status": "quarantined"}],
)
def test_what_a_service_says_stops_whatever_the_policy_says(changes) -> None:
    total = score(view(project(**changes)), stops=())
    assert len(total.stops) == 1


def test_an_identity_that_was_made_anew_stops() -> None:
    signals = [always("recreated-namespace", Group.IDENTITY)]
    assert score(view(project()), signals=signals).stops == ("shows recreated-namespace",)


def test_a_revoked_file_of_the_release_in_use_stops_though_it_was_accepted() -> None:
    now = project(release="1.3.0")
    digest = now["releases"][3]["sha256"][0]
    revoked = [f"SHA256:{digest.upper()}"]
    assert "1.3.0" in score(view(now, now), revoked=revoked).stops[0]
    assert score(view(project(release="1.4.0"), now), revoked=revoked).stops == ()


def test_a_release_in_use_without_digests_leaves_the_revoked_ones_open() -> None:
    now = project([release("1.0.0", sha256=[])], release="1.0.0")
    assert score(view(now), revoked=["a" * 64]).gaps
    assert score(view(project([])), revoked=["a" * 64]).gaps
    assert score(view(now)).gaps == ()


@pytest.mark.parametrize(
    ("used", "system"),
    [("2.0.1", "pypi"), ("1.3.0rc1", "pypi"), ("deadbeef", "huggingface"), ("1.0.1", "npm")],
)
def test_a_release_in_use_that_was_removed_since_is_never_clear(used, system) -> None:
    now = project(release=used, system=system)
    (gap,) = score(view(now, project(system=system))).gaps
    assert used in gap


@pytest.mark.parametrize(
    ("used", "system"),
    [("", "pypi"), ("v1.3", "pypi"), ("1.3.0", "npm"), ("main", "huggingface")],
)
def test_a_release_in_use_that_is_listed_or_not_told_leaves_no_gap(used, system) -> None:
    assert score(view(project(release=used, system=system))).gaps == ()


def test_a_commit_may_be_told_by_its_first_digits() -> None:
    commit = "0123456789abcdef" * 2 + "01234567"
    now = project([release(commit)], release=commit[:12], system="huggingface")
    assert score(view(now)).gaps == ()


def test_combinations_that_name_no_signal_are_told() -> None:
    assert unknown_stops(("untaged-release+changed-publisher", "", "+", *STOPS)) == (
        "untaged-release+changed-publisher",
        "",
        "+",
    )
    assert score(view(project()), stops=("", "+")).stops == ()


def test_points_are_what_the_counts_say() -> None:
    for signal in SIGNALS:
        counts = signal.likelihood
        numerator = (counts.incidents + 0.5) / (counts.incidents_judged + 1)
        denominator = (counts.benign + 0.5) / (counts.benign_judged + 1)
        assert counts.points == max(0, round(10 * math.log10(numerator / denominator)))
        assert len(counts.source) > 20, signal.id


def test_the_worth_of_the_signals_of_releases() -> None:
    """Changed only together with decision 22, which has the reasons."""
    mine = {
        "changed-owner": 12, "changed-publisher": 9, "dropped-attestations": 9,
        "untagged-release": 12, "dormant-release": 4, "release-burst": 9, "young-dependency": 9,
        "account-domain": 11,
    }  # fmt: skip
    assert {name: POINTS[name] for name in mine} == mine


@pytest.mark.parametrize("counts", [(-1, 20, 1, 100), (21, 20, 1, 100), (0, 0, 0, 0), (1, 2, 3, 2)])
def test_counts_that_are_none(counts) -> None:
    with pytest.raises(ValueError, match="is no count"):
        Likelihood(*counts, "")


def test_every_signal_module_is_in_the_table_and_has_its_rule() -> None:
    folder = Path(scoring.__file__).parent
    modules = {
        path.stem.replace("_", "-")
        for path in folder.glob("*.py")
        if "\nSIGNAL = " in path.read_text()
    }
    ids = [signal.id for signal in SIGNALS]
    assert set(ids) == modules
    assert len(ids) == len(set(ids))
    rules = folder.parents[1] / "rules" / "maintainers"
    assert all((rules / f"{name.replace('-', '_')}.py").is_file() for name in ids)


@pytest.mark.parametrize(("count", "chance"), [(1, 0.25), (20, 0.5 / 21), (50, 0.5 / 51)])
def test_the_chance_of_a_break_after_a_straight_habit(count, chance) -> None:
    assert broken([True] * count) == pytest.approx(chance)


def test_no_habit_breaks_with_even_odds_or_more() -> None:
    assert broken([]) == 0.5
    assert broken([False] * 20) >= 0.5


@pytest.mark.parametrize(
    ("version", "found"),
    [
        ("1.2.3", (0, 1)), ("v7", (0, 7)), ("1!2.0", (1, 2)), ("2026.11", (0, 2026)),
        ("9" * 5000, line("latest")), ("", line("latest")), ("12ab34", line("latest")),
    ],
)  # fmt: skip
def test_the_line_of_a_version(version, found) -> None:
    assert line(version) == found
