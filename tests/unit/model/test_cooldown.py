"""How old a release is: what nobody tells is unknown, and a security fix is let through."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.unit.collect.baselines import facts, release

from weighbridge.model.affected import Affected
from weighbridge.model.cooldown import HOURS, Age, aged, fixed

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
ABOUT = "pkg:pypi/demo"


def uploaded(time: str, **more):
    return facts(releases=[release(3, uploaded=time)], **more)


@pytest.mark.parametrize(
    ("project", "age", "hours"),
    [
        (uploaded("2026-11-17T12:00:00Z"), Age.OLD_ENOUGH, 72),
        (uploaded("2026-11-17T12:00:01Z"), Age.YOUNG, 71),
        (uploaded("2026-11-20T11:00:00Z"), Age.YOUNG, 1),
        (uploaded("2026-12-01T00:00:00Z"), Age.YOUNG, -252),  # dated ahead: not old
        (uploaded(""), Age.UNKNOWN, -1),
        (uploaded("yesterday"), Age.UNKNOWN, -1),
        (facts(releases=None), Age.UNKNOWN, -1),
        (facts(release="9.9"), Age.UNKNOWN, -1),
        # a mirror's time is when it copied the files: young says nothing, old does
        (uploaded("2026-11-20T11:00:00Z", order="mirror"), Age.UNKNOWN, -1),
        (uploaded("2026-10-01T11:00:00Z", order="mirror"), Age.OLD_ENOUGH, 1201),
    ],
)
def test_ages(project, age, hours) -> None:
    found = aged(ABOUT, project, NOW, HOURS)
    assert found is not None
    assert (found.age, found.hours) == (age, hours)


def test_a_release_that_nobody_names_has_no_age() -> None:
    assert aged(ABOUT, facts(release=""), NOW, HOURS) is None


def test_a_fix_is_let_through_and_named() -> None:
    found = aged(ABOUT, uploaded("2026-11-20T11:00:00Z"), NOW, HOURS, ("PYSEC-0000-1",))
    assert found is not None
    assert (found.age, found.fixes) == (Age.FIX, ("PYSEC-0000-1",))


def weakness(package="demo", fixed_in=("1.3",), malicious=False, aliases=()) -> Affected:
    return Affected(
        about=f"{package}==1.2", kind="package", package=package, version="1.2",
        id="PYSEC-0000-1", aliases=tuple(aliases), summary="", severity="high", score="",
        vector="", fixed_versions=tuple(fixed_in), malicious=malicious, published="",
        modified="", urls=(), way="", location=None, sources=(), evidence=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "still", "fixes"),
    [
        ([weakness()], [], True),
        ([weakness(fixed_in=["1.3.0"])], [], True),
        ([], [], False),
        ([weakness(package="other")], [], False),
        ([weakness(fixed_in=[])], [], False),
        ([weakness(fixed_in=["1.2.5"])], [], False),  # an older one fixes it: wait with this one
        ([weakness()], ["PYSEC-0000-1"], False),  # it is not fixed
        ([weakness(aliases=["CVE-0000-1"])], ["CVE-0000-1"], False),
        ([weakness(malicious=True)], [], False),
    ],
)
def test_what_counts_as_a_fix(before, still, fixes) -> None:
    assert bool(fixed("demo", "1.3", before, still)) is fixes
