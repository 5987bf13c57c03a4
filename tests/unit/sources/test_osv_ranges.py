"""OSV's evaluation of versions: what affects, what does not, and what cannot be told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weighbridge.model.errors import HostileInput
from weighbridge.sources import osv_ranges
from weighbridge.sources.osv import PackageVersion
from weighbridge.sources.osv_ranges import affects


def body(*events: dict[str, Any], name: str = "torch", **more: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {"package": {"name": name, "ecosystem": "PyPI"}, **more}
    if events:
        entry["ranges"] = [{"type": "ECOSYSTEM", "events": list(events)}]
    return {"id": "PYSEC-0000-1", "affected": [entry]}


def hit(record: dict[str, Any], version: str) -> bool:
    return affects(record, PackageVersion("torch", version))


@pytest.mark.parametrize(
    "affected",
    [
        None,
        {},
        [7],
        [{"package": 7}],
        [{"package": {"name": 7, "ecosystem": "PyPI"}}],
        [{"package": {"name": "torch", "ecosystem": None}}],
        [{"package": {"name": "torch", "ecosystem": "PyPI"}}],
        [{"package": {"name": "torch", "ecosystem": "PyPI"}, "versions": "1.0"}],
        [{"package": {"name": "torch", "ecosystem": "PyPI"}, "ranges": {}}],
        [{"package": {"name": "torch", "ecosystem": "PyPI"}, "ranges": [7]}],
        [{"package": {"name": "torch", "ecosystem": "PyPI"}, "ranges": [{"type": "ECOSYSTEM"}]}],
        [{"package": {"name": "torch", "ecosystem": "PyPI"},
          "ranges": [{"type": "ECOSYSTEM", "events": [7]}]}],
        [{"package": {"name": "torch", "ecosystem": "PyPI"},
          "ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}],
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_never_unaffected(affected: Any) -> None:
    with pytest.raises(HostileInput):
        hit({"id": "PYSEC-0000-1", "affected": affected}, "1.0")


@pytest.mark.parametrize("value", ["not a version", "", None, 7, []])
def test_an_event_that_is_no_version_is_refused(value: Any) -> None:
    with pytest.raises(HostileInput, match="no version"):
        hit(body({"introduced": "0"}, {"fixed": value}), "1.0")


def test_too_many_entries_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osv_ranges, "MAX_ENTRIES", 3)
    with pytest.raises(HostileInput, match="bound of 3"):
        hit(body(versions=["1", "2", "3", "4"]), "9")


@pytest.mark.parametrize(
    ("events", "inside", "outside"),
    [
        ([{"introduced": "0"}], ["0.0.1", "99", "0.dev0"], []),
        ([{"introduced": "0"}, {"fixed": "2.1.1"}], ["2.1", "2.1.1rc1"], ["2.1.1", "3"]),
        ([{"introduced": "1.5"}, {"last_affected": "2.0"}], ["1.5", "2.0", "2.0.0"],
         ["1.4", "2.0.1", "2.0.post1"]),
        # in any order, several stretches in one range
        ([{"fixed": "4"}, {"introduced": "3"}, {"fixed": "2"}, {"introduced": "1"}],
         ["1", "1.9", "3.5"], ["0.9", "2", "2.5", "4"]),
        # of equal versions the later event counts, as it is written
        ([{"introduced": "0"}, {"fixed": "1"}, {"introduced": "1"}, {"fixed": "2"}], ["1"], ["2"]),
        ([{"introduced": "1"}, {"fixed": "1"}], [], ["1", "0", "2"]),
        ([{"introduced": "0"}, {"limit": "2"}], ["1"], ["2", "3"]),
        ([{"introduced": "0"}, {"limit": "*"}], ["1", "3"], []),
        ([{"introduced": "1!0"}], ["1!1"], ["99"]),
        ([{"fixed": "2"}], [], ["1", "2"]),
    ],
)  # fmt: skip
def test_ranges(events: list[dict[str, str]], inside: list[str], outside: list[str]) -> None:
    assert [v for v in inside if not hit(body(*events), v)] == []
    assert [v for v in outside if hit(body(*events), v)] == []


def test_a_listed_version_is_affected_in_any_spelling() -> None:
    record = body({"introduced": "5"}, versions=["1.0", "2004d"])
    assert hit(record, "1")
    assert hit(record, "5.1")
    assert not hit(record, "2")


def test_names_are_compared_as_the_index_does_and_other_ecosystems_are_not_meant() -> None:
    assert affects(body({"introduced": "0"}, name="A_b.C"), PackageVersion("a-b-c", "1"))
    other = body({"introduced": "0"})
    other["affected"][0]["package"]["ecosystem"] = "npm"
    assert not hit(other, "1")
    other["affected"][0]["package"]["ecosystem"] = "PyPI:somewhere"
    assert hit(other, "1")
    assert not hit({"id": "X", "affected": [{"ranges": [{"type": "GIT"}]}]}, "1")


versions = st.integers(0, 9).map(str)


stretch = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda pair: sorted(map(str, pair)))


@given(st.lists(stretch, max_size=4), versions)
def test_stretches_hold_what_lies_between_their_ends(
    stretches: list[list[str]], version: str
) -> None:
    """Each stretch in a range of its own: affected if any of them holds the version."""
    record = body(versions=[])
    record["affected"][0]["ranges"] = [
        {"type": "ECOSYSTEM", "events": [{"introduced": low}, {"fixed": high}]}
        for low, high in stretches
    ] or [{"type": "ECOSYSTEM", "events": []}]
    expected = any(int(low) <= int(version) < int(high) for low, high in stretches)
    assert hit(record, version) is expected
