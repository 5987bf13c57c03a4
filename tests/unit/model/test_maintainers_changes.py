"""What changed between two snapshots: every kind is told, and the exit code says what it is."""

from __future__ import annotations

import copy
import datetime as dt

import pytest
from tests.unit.collect.baselines import facts, project, release, snapshot, unasked

from weighbridge.model.errors import ExitCode
from weighbridge.model.evidence import EvidenceState
from weighbridge.model.maintainers_changes import (
    Change,
    ChangeKind,
    compare,
    exit_code,
)

DAY = dt.date(2026, 11, 20)
KNOWN = [release(1), release(2), release(3)]
SINCE = {"uploaded": "2026-11-19T09:00:00Z"}


def changes(*, before=None, **now) -> list[Change]:
    (found,) = compare(snapshot(project(**(before or {}))), snapshot(project(**now)), DAY)
    return list(found.changes)


def test_nothing_changed() -> None:
    other = copy.deepcopy(facts()["asked"])
    other[0]["digest"] = "sha256:" + "cd" * 32
    assert compare(snapshot(project()), snapshot(project(asked=other)), DAY) == ()
    assert exit_code(()) is ExitCode.HOLDS


@pytest.mark.parametrize(
    ("now", "kind", "words"),
    [
        ({"identity": "7"}, ChangeKind.IDENTITY, "none -> 7"),
        ({"status": "quarantined"}, ChangeKind.STATUS, "active -> quarantined"),
        ({"owner": "evil"}, ChangeKind.ACCOUNTS, "corp -> evil"),
        ({"owners": [{"name": "bob", "role": "Owner", "id": "2", "created": ""}]},
         ChangeKind.OWNERS, "new owner: bob Owner 2"),
        ({"owners": []}, ChangeKind.OWNERS, "no longer owner: ann"),
        ({"domains": []}, ChangeKind.ACCOUNTS, "no longer domain of its owners' mail"),
        ({"malicious": ["MAL-0000-1"]}, ChangeKind.RECORDS, "MAL-0000-1"),
        ({"repository": {**facts()["repository"], "id": "9"}}, ChangeKind.REPOSITORIES, "4 -> 9"),
        ({"repository": {**facts()["repository"], "archived": True}},
         ChangeKind.REPOSITORIES, "archived: no -> yes"),
        ({"releases": KNOWN[:2]}, ChangeKind.RELEASES, "no longer there: 1.3"),
        ({"releases": [*KNOWN[:2], release(3, yanked=True)]},
         ChangeKind.RELEASES, "release 1.3: withdrawn: no -> yes"),
        ({"releases": [*KNOWN[:2], release(3, sha256=["ff" * 32])]},
         ChangeKind.RELEASES, "release 1.3: files: new ffff"),
        ({"releases": [*KNOWN, release(4, **SINCE)]}, ChangeKind.RELEASES, "new: 1.4 (2026-11-19"),
        ({"releases": [*KNOWN, release(4, **SINCE, attested=False)]},
         ChangeKind.ATTESTATIONS, "release 1.4 after 1.3: attested: yes -> no"),
        ({"releases": [*KNOWN, release(4, **SINCE, publisher={
            "kind": "token", "repository": "", "workflow": "", "environment": "", "user": "bob"})]},
         ChangeKind.PUBLISHERS, "release.yml -> token bob"),
        ({"releases": [*KNOWN, release(4, **SINCE, tag="")]}, ChangeKind.TAGS, "no tag"),
        ({"releases": [*KNOWN, release(4, **SINCE, signing_key="SHA256:new")]},
         ChangeKind.KEYS, "SHA256:abc -> SHA256:new"),
        ({"releases": [*KNOWN, release(4, **SINCE, hooks=["x.pth"])]}, ChangeKind.HOOKS, "x.pth"),
        ({"releases": [*KNOWN, release(4, **SINCE, requires=["numpy", "evil"])]},
         ChangeKind.DEPENDENCIES, "new evil"),
        ({"releases": [*KNOWN, release(4, **SINCE, binaries=[{"path": "a.so", "size": 7}])]},
         ChangeKind.CONTENTS, "new a.so 7"),
        ({"scorecard": {"date": "2026-11-01", "score": 3.1, "version": "5.5.0"}},
         ChangeKind.HYGIENE, "7.3 -> 3.1"),
    ],
)  # fmt: skip
def test_each_kind_of_change_is_told(now, kind, words) -> None:
    found = [change.what for change in changes(**now) if change.kind is kind]
    assert any(words in what for what in found), changes(**now)


@pytest.mark.parametrize(
    "now",
    [
        {"owners": None}, {"domains": None}, {"repository": None}, {"releases": None},
        {"dependencies": None}, {"scorecard": None}, {"malicious": None}, {"resembles": None},
        {"status": ""}, {"owner_id": ""}, {"repository": {**facts()["repository"], "fork_of": None,
                                                          "archived": None}},
        {"releases": [*KNOWN[:2], release(3, attested=None)]},
        {"releases": [*KNOWN, release(4, **SINCE, hooks=None)]},
    ],
)  # fmt: skip
def test_what_is_told_no_more_is_unavailable(now) -> None:
    assert ChangeKind.UNAVAILABLE in {change.kind for change in changes(**now)}


def test_an_older_release_is_not_asked_about_closely_after_a_new_one() -> None:
    releases = [*KNOWN[:2], release(3, requires=None), release(4, **SINCE)]
    assert {change.kind for change in changes(releases=releases)} == {ChangeKind.RELEASES}


def test_what_an_index_never_tells_of_an_unattested_release_is_not_missed() -> None:
    told = changes(releases=[*KNOWN, release(4, **SINCE, attested=False, publisher=None)])
    assert ChangeKind.UNAVAILABLE not in {change.kind for change in told}


def test_projects_come_go_and_cannot_be_asked() -> None:
    old = snapshot(project("a"), project("b"), project("c"), unasked("d"))
    new = snapshot(project("a"), unasked("b"), project("d"), project("e"),
                   unasked("f", "deleted", EvidenceState.ABSENT))  # fmt: skip
    found = {p.about.removeprefix("pkg:pypi/"): p for p in compare(old, new, DAY)}
    told = {name: [change.kind for change in p.changes] for name, p in found.items()}
    assert told == {
        "b": [ChangeKind.UNAVAILABLE],
        "c": [ChangeKind.PROJECTS],
        "d": [ChangeKind.AVAILABLE],
        "e": [ChangeKind.PROJECTS],
        "f": [ChangeKind.PROJECTS, ChangeKind.UNAVAILABLE],
    }
    assert found["b"].changes[0].what == "could not be asked about: offline"
    assert found["f"].changes[1].what == "is not there: deleted"


def test_the_exit_code_is_that_of_the_weightiest() -> None:
    hijacked = project(owners=[{"name": "bob", "role": "Owner", "id": "2", "created": ""}])
    fired = compare(snapshot(project()), snapshot(hijacked), DAY)
    assert "changed-owner" in {reading.signal for reading in fired[0].fired}
    assert exit_code(fired) is ExitCode.VIOLATED
    silent = compare(snapshot(project()), snapshot(project(scorecard=None)), DAY)
    assert silent[0].fired == ()
    assert exit_code(silent) is ExitCode.INCONCLUSIVE
    better = project(scorecard={"date": "2026-11-01", "score": 9, "version": "5.5.0"})
    assert exit_code(compare(snapshot(project()), snapshot(better), DAY)) is ExitCode.HOLDS
