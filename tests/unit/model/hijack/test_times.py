"""Late releases, many releases, young dependencies: signals that rest on times."""

from __future__ import annotations

import pytest
from tests.unit.model.hijack.projects import (
    CLEAR,
    FIRED,
    NOT_APPLICABLE,
    UNAVAILABLE,
    fired,
    history,
    project,
    release,
    stamp,
    states,
    view,
)

from weighbridge.model.hijack import dormant_release, release_burst, young_dependency

DORMANT, BURST, YOUNG = dormant_release.read, release_burst.read, young_dependency.read
BROKEN = ["", "soon", "2026-02-30T00:00:00Z", "99999-01-01", "2026-11-20T25:00:00Z", "١٢"]


def after(before: list, *new, **changes):
    return view(project([*before, *new], **changes), project(before))


class TestDormant:
    def test_a_release_after_eight_years(self) -> None:
        (found,) = fired(DORMANT(after(history(4), release("0.2.2", 3000))))
        assert "2910 days after" in found.what
        assert "median gap is 30 days" in found.what

    def test_deleted_releases_do_not_hide_the_silence(self) -> None:
        before = history(4)
        asked = view(project([release("0.2.2", 3000)]), project(before))
        assert states(DORMANT(asked)) == {FIRED}

    def test_what_is_uploaded_after_it_does_not_hide_it(self) -> None:
        new = [release(f"2.0.{n}", 3000 + n) for n in range(50)]
        assert [r.release for r in fired(DORMANT(after(history(4), *new)))] == ["2.0.0"]

    def test_a_year_without_a_new_baseline_is_no_silence(self) -> None:
        new = [release(f"2.{n}.0", 120 + 30 * n) for n in range(20)]
        assert states(DORMANT(after(history(4), *new))) == {CLEAR}

    @pytest.mark.parametrize(("gap", "days"), [(30, 180), (40, 199), (30, 30)])
    def test_the_edges(self, gap, days) -> None:
        before = history(5, gap)
        assert states(DORMANT(after(before, release("2", 4 * gap + days)))) == {CLEAR}

    def test_just_over_both_edges(self) -> None:
        assert states(DORMANT(after(history(5), release("2", 4 * 30 + 180.1)))) == {FIRED}

    def test_two_releases_are_no_rhythm(self) -> None:
        assert states(DORMANT(after(history(2), release("2", 3000)))) == {NOT_APPLICABLE}


class TestBurst:
    def test_the_third_within_a_day_fires_and_stays(self) -> None:
        new = [release(f"2.0.{n}", 730 + n / 10) for n in range(4)]
        assert [r.release for r in fired(BURST(after(history(), *new)))] == ["2.0.2", "2.0.3"]
        later = [release(f"3.{n}", 800 + 30 * n) for n in range(5)]
        found = fired(BURST(after(history(), *new, *later)))
        assert [reading.release for reading in found] == ["2.0.2", "2.0.3"]

    def test_yanked_ones_count(self) -> None:
        new = [release(f"2.0.{n}", 730 + n / 10, yanked=True) for n in range(3)]
        assert states(BURST(after(history(), *new))) == {CLEAR, FIRED}

    def test_accepted_ones_of_the_same_day_count(self) -> None:
        before = [*history(), release("2.0.0", 730), release("2.0.1", 730.1)]
        assert states(BURST(after(before, release("2.0.2", 730.2)))) == {FIRED}

    def test_a_day_apart_is_no_burst(self) -> None:
        new = [release(f"2.0.{n}", 730 + n / 2) for n in range(5)]
        assert states(BURST(after(history(), *new))) == {CLEAR}


@pytest.mark.parametrize("read", [DORMANT, BURST])
class TestTimes:
    @pytest.mark.parametrize("order", ["mirror", "unknown"])
    def test_times_of_a_mirror_are_never_believed(self, read, order) -> None:
        new = [release(f"2.0.{n}", 3000) for n in range(5)]
        assert states(read(after(history(), *new, order=order))) == {UNAVAILABLE}

    @pytest.mark.parametrize("uploaded", BROKEN)
    def test_times_that_cannot_be_read_are_never_clear(self, read, uploaded) -> None:
        new = release("2.0.0", uploaded=uploaded)
        assert states(read(after(history(), new))) == {UNAVAILABLE}

    def test_the_ends_of_the_calendar(self, read) -> None:
        ends = ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59")
        new = [release(f"2.0.{n}", uploaded=end) for n, end in enumerate(ends)]
        assert all(reading.what for reading in read(after(history(), *new)))

    def test_commits_of_a_hub_are_no_releases(self, read) -> None:
        found = states(read(after(history(), release("b" * 40, 3000), system="huggingface")))
        assert found == {NOT_APPLICABLE}

    def test_nothing_new_is_clear_and_nothing_told_is_not(self, read) -> None:
        assert states(read(view(project(), project()))) == {CLEAR}
        silent = {**project(), "releases": None}
        assert states(read(view(silent, project()))) == {UNAVAILABLE}
        assert states(read(view(project([]), project([])))) == {NOT_APPLICABLE}


def needing(*names: str, created: str = "", days: float = 730, **changes):
    new = release("1.14.1", days, requires=["numpy", *names])
    dependencies = [{"name": name, "created": created} for name in names]
    return after(history(), new, dependencies=dependencies, **changes)


class TestYoung:
    def test_axios_eighteen_hours(self) -> None:
        (found,) = fired(YOUNG(needing("plain-crypto-js", created=stamp(729.25))))
        assert found.key == "plain-crypto-js"
        assert "18 hours old" in found.what

    def test_event_stream_under_a_month(self) -> None:
        assert states(YOUNG(needing("flatmap-stream", created=stamp(702)))) == {FIRED}

    def test_a_dependency_that_was_first_released_after_what_needs_it(self) -> None:
        (found,) = fired(YOUNG(needing("later", created=stamp(760))))
        assert "30 days later" in found.what

    def test_a_dependency_that_the_bad_release_had_is_new_in_the_next_one_too(self) -> None:
        new = [release(f"1.14.{n}", 730 + n, requires=["evil"]) for n in (1, 2)]
        asked = after(history(), *new, dependencies=[{"name": "evil", "created": stamp(729)}])
        assert [reading.release for reading in fired(YOUNG(asked))] == ["1.14.1", "1.14.2"]

    def test_a_young_one_that_was_needed_before_is_clear(self) -> None:
        young = [{"name": "numpy", "created": stamp(729)}]
        asked = after(history(), release("2", 730), dependencies=young)
        assert states(YOUNG(asked)) == {CLEAR}

    def test_a_month_is_old_enough(self) -> None:
        assert states(YOUNG(needing("older", created=stamp(700)))) == {CLEAR}

    @pytest.mark.parametrize("created", BROKEN)
    def test_an_age_that_nobody_tells_is_never_clear(self, created) -> None:
        assert states(YOUNG(needing("unknown", created=created))) == {UNAVAILABLE}

    def test_a_mirror_tells_no_ages(self) -> None:
        found = states(YOUNG(needing("x", created=stamp(729), order="mirror")))
        assert found == {UNAVAILABLE}

    def test_dependencies_that_nobody_tells(self) -> None:
        new = release("2.0.0", 730, requires=None)
        assert states(YOUNG(after(history(), new))) == {UNAVAILABLE}
        silent = history(requires=None)
        assert states(YOUNG(after(silent, release("2.0.0", 730)))) == {UNAVAILABLE}

    def test_a_first_release_may_need_anything(self) -> None:
        assert states(YOUNG(view(project([release("1.0.0")])))) == {NOT_APPLICABLE}
