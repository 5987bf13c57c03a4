"""Who may publish now, and who might when the project was accepted."""

from __future__ import annotations

import pytest
from tests.unit.model.hijack.projects import (
    CLEAR,
    FIRED,
    NOT_APPLICABLE,
    UNAVAILABLE,
    fired,
    history,
    owner,
    project,
    release,
    states,
    token,
    view,
)

from weighbridge.model.hijack.changed_owner import read


def keys(now: list, before: list) -> list[str]:
    found = read(view(project(owners=now), project(owners=before)))
    return [reading.key for reading in fired(found)]


def test_an_account_that_took_over_the_name_of_a_deleted_one_is_a_new_owner() -> None:
    assert keys([owner("alice", "99")], [owner("alice", "1")]) == [
        "new:alice#99",
        "removed:alice#1",
    ]
    found = fired(read(view(project(owners=[owner("alice", "99")]), project())))
    assert "another account had that name then" in found[0].what


def test_an_owner_who_left_beside_one_who_came_are_two_findings() -> None:
    assert keys([owner("bob", "2")], [owner("alice", "1")]) == ["new:bob#2", "removed:alice#1"]


def test_a_new_owner_beside_the_old_one() -> None:
    now = [owner(), owner("bob", "2", created="2026-11-19")]
    found = fired(read(view(project(owners=now), project())))
    assert [reading.key for reading in found] == ["new:bob#2"]
    assert "whose account was made on 2026-11-19" in found[0].what


def test_an_owner_who_published_and_was_removed_again_shows_by_the_release() -> None:
    before = project(history(publisher=token("alice")))
    now = project([*before["releases"], release("2.0.0", 730, publisher=token("mallory"))])
    (found,) = fired(read(view(now, before)))
    assert (found.key, found.release) == ("published:mallory", "2.0.0")


def test_a_co_maintainer_who_published_before_is_nobody_new() -> None:
    before = project(
        [*history(publisher=token("alice")), release("1.99", 725, publisher=token("eve"))]
    )
    now = project([*before["releases"], release("2.0.0", 730, publisher=token("EVE"))])
    assert states(read(view(now, before))) == {CLEAR}


def test_who_stands_behind_a_trusted_publisher_is_not_asked_here() -> None:
    before = project()
    publisher = {**before["releases"][0]["publisher"], "user": "robot"}
    now = project([*before["releases"], release("2.0.0", 730, publisher=publisher)])
    assert states(read(view(now, before))) == {CLEAR}


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (owner("alice-new", "1"), owner("alice", "1")),  # renamed, the same number
        (owner("Alice", ""), owner("alice", "")),
        (owner("alice", ""), owner("alice", "1")),  # the service tells no numbers any more
        (owner("alice", "1"), owner("alice", "")),
    ],
)
def test_the_same_account_is_no_change(now, before) -> None:
    assert keys([now], [before]) == []


def test_a_namespace_stands_for_owners_where_the_service_tells_no_more() -> None:
    before = project(owners=None, owner="org", owner_id="7")
    same = project(owners=None, owner="renamed", owner_id="7")
    other = project(owners=None, owner="org", owner_id="8")
    assert states(read(view(same, before))) == {CLEAR}
    assert states(read(view(other, before))) == {FIRED}


def test_an_emptied_list_of_owners_lost_them_all() -> None:
    assert keys([], [owner()]) == ["removed:alice#1"]


@pytest.mark.parametrize("side", ["now", "before"])
@pytest.mark.parametrize("namespace", [("", ""), ("org", "7"), ("org", ""), ("alice", "1")])
def test_owners_told_on_one_side_alone_are_never_compared_with_a_namespace(side, namespace) -> None:
    """An index's mirror leaves owners out and keeps the organization: nobody came or went."""
    name, number = namespace
    many = project(owners=[owner(), owner("bob", "2")], owner="org", owner_id="7")
    silent = project(owners=None, owner=name, owner_id=number)
    asked = view(silent, many) if side == "now" else view(many, silent)
    found = list(read(asked))
    assert states(found) == {UNAVAILABLE}, [reading.what for reading in found]


def test_a_number_on_one_side_alone_is_neither_the_same_account_nor_another() -> None:
    for mine, theirs in (("", "1"), ("1", "")):
        for name in ("alice", "alice-new"):
            now, before = (
                project(owners=[owner(name, mine)]),
                project(owners=[owner("alice", theirs)]),
            )
            assert states(read(view(now, before))) == {UNAVAILABLE}


def test_an_account_without_name_or_number_is_none_that_is_known() -> None:
    blank = project(owners=[owner("", "")])
    assert states(read(view(blank, blank))) == {UNAVAILABLE}
    assert FIRED not in states(read(view(blank, project())))


@pytest.mark.parametrize("publisher", [None, token("")])
def test_a_stranger_among_publishers_that_nobody_told_is_open(publisher) -> None:
    before = project(history(publisher=publisher))
    now = project([*before["releases"], release("2.0.0", 730, publisher=token("eve"))])
    assert FIRED not in states(read(view(now, before)))
    assert UNAVAILABLE in states(read(view(now, before)))


@pytest.mark.parametrize("side", ["now", "before"])
def test_owners_that_nobody_tells_are_never_clear(side) -> None:
    silent = project(owners=None, owner="", owner_id="")
    asked = view(silent, project()) if side == "now" else view(project(), silent)
    assert states(read(asked)) == {UNAVAILABLE}


def test_without_a_baseline_the_question_does_not_arise_and_says_what_to_do() -> None:
    (reading,) = read(view(project()))
    assert reading.state is NOT_APPLICABLE
    assert "weighbridge maintainers snapshot" in reading.what
