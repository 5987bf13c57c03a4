"""Attestations, publishers and tags: a habit that is broken, and what only looks like it."""

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
    states,
    token,
    trusted,
    view,
)

from weighbridge.model.hijack import changed_publisher, dropped_attestations, untagged_release


def after(before: list, *new, system: str = "pypi"):
    """A project that had some releases when it was accepted, and has new ones."""
    accepted = project(before, system=system)
    return view(project([*before, *new], system=system), accepted)


ATTESTED, PUBLISHED = dropped_attestations.read, changed_publisher.read
TAGGED = untagged_release.read


class TestAttestations:
    def test_ultralytics_second_wave(self) -> None:
        bad = release("2.0.0", 730, attested=False)
        (found,) = fired(ATTESTED(after(history(20), bad)))
        assert found.release == "2.0.0"
        assert "20 of 20" in found.what
        assert "2.4 %" in found.what  # 0.5 / 21

    def test_a_second_bad_release_is_not_excused_by_the_first(self) -> None:
        bad = [release(f"2.0.{n}", 730 + n, attested=False) for n in range(30)]
        assert len(fired(ATTESTED(after(history(20), *bad)))) == 30

    def test_a_good_release_after_it_does_not_clear_it(self) -> None:
        bad, good = release("2.0.0", 730, attested=False), release("2.0.1", 731)
        assert [r.release for r in fired(ATTESTED(after(history(20), bad, good)))] == ["2.0.0"]

    def test_a_version_without_a_number_is_held_against_all(self) -> None:
        bad = release("latest", 730, attested=False)
        assert states(ATTESTED(after(history(20), bad))) == {FIRED}

    def test_a_new_major_line_goes_on_with_the_habit_of_the_one_below(self) -> None:
        bad = release("99.0.0", 730, attested=False)
        assert states(ATTESTED(after(history(20), bad))) == {FIRED}

    def test_svglib_one_attested_release_and_then_none_is_benign(self) -> None:
        bad = release("1.1.0", 30, attested=False)
        assert states(ATTESTED(after(history(1), bad))) == {CLEAR}

    def test_semver_a_fix_for_a_line_without_attestations_is_benign(self) -> None:
        old = [release(f"6.{n}.0", n, attested=False) for n in range(5)]
        new = [release(f"7.{n}.0", 100 + n) for n in range(30)]
        fix = release("6.3.1", 200, attested=False)
        assert states(ATTESTED(after([*old, *new], fix))) == {CLEAR}

    def test_the_habit_may_be_as_young_as_the_tool(self) -> None:
        before = [*history(40, attested=False), *[release(f"2.{n}.0", 1300 + n) for n in range(15)]]
        assert states(ATTESTED(after(before, release("2.15.0", 1400, attested=False)))) == {FIRED}

    def test_a_habit_that_broke_before_is_none(self) -> None:
        before = [release(f"1.{n}.0", n, attested=bool(n % 3)) for n in range(30)]
        assert states(ATTESTED(after(before, release("1.31.0", 90, attested=False)))) == {CLEAR}

    @pytest.mark.parametrize("attested", [True, False])
    def test_what_nobody_tells_is_never_clear(self, attested) -> None:
        silent = history(20, attested=None)
        new = release("2.0.0", 730, attested=attested)
        expected = {CLEAR} if attested else {UNAVAILABLE}
        assert states(ATTESTED(after(silent, new))) == expected
        assert states(ATTESTED(after(history(20), release("2.0.0", 730, attested=None)))) == {
            UNAVAILABLE
        }

    def test_a_hub_is_not_asked_for_attestations(self) -> None:
        new = release("a" * 40, 730, attested=None)
        found = states(ATTESTED(after(history(20), new, system="huggingface")))
        assert found == {NOT_APPLICABLE}

    def test_files_that_were_added_to_an_accepted_version_are_judged(self) -> None:
        before = history(20)
        changed = {**before[-1], "attested": False, "sha256": [*before[-1]["sha256"], "ff" * 32]}
        asked = view(project([*before[:-1], changed]), project(before))
        assert states(ATTESTED(asked)) == {FIRED}


class TestPublishers:
    def test_a_token_in_the_place_of_the_trusted_publisher(self) -> None:
        bad = release("2.0.0", 730, publisher=token(), attested=False)
        (found,) = fired(PUBLISHED(after(history(20), bad)))
        assert "with a token" in found.what
        assert "GitHub org/repo release.yml environment pypi" in found.what
        assert "2.4 %" in found.what

    @pytest.mark.parametrize(
        "publisher",
        [
            trusted(repository="evil/repo"),
            trusted(workflow="evil.yml"),
            trusted(environment=""),
            {**trusted(), "kind": "GitLab"},
        ],
    )
    def test_each_part_of_the_publisher_counts(self, publisher) -> None:
        bad = release("2.0.0", 730, publisher=publisher)
        assert states(PUBLISHED(after(history(20), bad))) == {FIRED}

    def test_a_token_whose_attestation_names_another_repository(self) -> None:
        bad = release("2.0.0", 730, publisher=token(repository="evil/repo"))
        assert states(PUBLISHED(after(history(20), bad))) == {FIRED}

    def test_from_trusted_publisher_to_provenance_is_benign(self) -> None:
        new = release("2.0.0", 730, publisher=token(repository="ORG/repo"), attested=True)
        assert states(PUBLISHED(after(history(20), new))) == {CLEAR}

    @pytest.mark.parametrize(("repository", "attested"), [("", True), ("", None), ("o/r", None)])
    def test_provenance_of_which_nobody_tells_is_neither(self, repository, attested) -> None:
        new = release("2.0.0", 730, publisher=token(repository=repository), attested=attested)
        assert states(PUBLISHED(after(history(20), new))) == {UNAVAILABLE}

    def test_going_over_to_a_trusted_publisher_is_benign(self) -> None:
        new = release("2.0.0", 730, publisher=trusted())
        assert states(PUBLISHED(after(history(20, publisher=token()), new))) == {CLEAR}

    def test_a_second_publisher_that_was_seen_before_is_benign(self) -> None:
        before = [*history(20), release("1.90.0", 700, publisher=trusted(workflow="nightly.yml"))]
        new = release("2.0.0", 730, publisher=trusted(workflow="nightly.yml"))
        assert states(PUBLISHED(after(before, new))) == {CLEAR}

    def test_few_releases_are_no_habit(self) -> None:
        new = release("2.0.0", 730, publisher=token(), attested=False)
        assert states(PUBLISHED(after(history(5), new))) == {CLEAR}

    def test_a_first_release_has_nothing_to_be_compared_with(self) -> None:
        assert states(PUBLISHED(after([], release("1.0.0")))) == {NOT_APPLICABLE}

    def test_a_fix_for_an_old_line_by_a_token_as_ever(self) -> None:
        old = [release(f"0.{n}.0", n, publisher=token()) for n in range(12)]
        fix = release("0.30.4", 800, publisher=token(), attested=False)
        assert states(PUBLISHED(after([*old, *history(20)], fix))) == {CLEAR}

    def test_what_nobody_tells_is_never_clear(self) -> None:
        new = release("2.0.0", 730, publisher=None)
        assert states(PUBLISHED(after(history(20), new))) == {UNAVAILABLE}
        assert states(PUBLISHED(after(history(20, publisher=None), release("2.0.0", 730)))) == {
            UNAVAILABLE
        }


class TestTags:
    def test_num2words(self) -> None:
        bad = [release("1.98.0", 730, tag=""), release("1.99.0", 730.1, tag="")]
        found = fired(TAGGED(after(history(14), *bad)))
        assert [reading.release for reading in found] == ["1.98.0", "1.99.0"]
        assert "14 of 14" in found[0].what

    def test_a_tag_for_the_next_release_does_not_clear_it(self) -> None:
        bad, good = release("1.98.0", 730, tag=""), release("1.99.0", 731)
        assert states(TAGGED(after(history(14), bad, good))) == {FIRED, CLEAR}

    def test_nearly_all_is_a_habit_too(self) -> None:
        before = [*history(60), release("1.90.0", 1800, tag=""), release("1.91.0", 1830)]
        assert states(TAGGED(after(before, release("2.0.0", 1900, tag="")))) == {FIRED}

    def test_lottie_had_stopped_to_tag_before(self) -> None:
        before = [*history(20), *[release(f"2.0.{n}", 700 + n, tag="") for n in (2, 3, 4)]]
        assert states(TAGGED(after(before, release("2.0.5", 730, tag="")))) == {CLEAR}

    def test_a_tag_that_came_after_the_baseline_was_made_counts(self) -> None:
        before = [*history(20), release("1.50.0", 700, tag="")]
        late = {**before[-1], "tag": "v1.50.0"}
        bad = release("1.51.0", 730, tag="")
        assert states(TAGGED(after(before, bad))) == {CLEAR}
        asked = view(project([*before[:-1], late, bad]), project(before))
        assert states(TAGGED(asked)) == {FIRED}

    def test_pre_releases_are_left_out_on_both_sides(self) -> None:
        new = release("2.0.0rc1", 730, tag="", final=False)
        assert states(TAGGED(after(history(20), new))) == {NOT_APPLICABLE}
        before = [*history(20), release("2.0.0rc1", 710, tag="", final=False)]
        assert states(TAGGED(after(before, release("2.0.0", 730, tag="")))) == {FIRED}

    def test_a_repository_that_nobody_asked_is_never_clear(self) -> None:
        new = release("2.0.0", 730, tag=None)
        assert states(TAGGED(after(history(20), new))) == {UNAVAILABLE}
        silent = history(20, tag=None)
        assert states(TAGGED(after(silent, release("2.0.0", 730, tag="")))) == {UNAVAILABLE}
