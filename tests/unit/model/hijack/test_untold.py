"""What nobody tells is never taken for none: every signal, every field that it reads.

A field is untold where it is ``None``, and where it is an empty text that stands for nothing told.
Each signal is read once with everything told, which shows what it reads; then once for each of
those fields untold, in the project as it is and in the accepted state.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.model.hijack.projects import (
    CLEAR,
    FIRED,
    history,
    owner,
    project,
    release,
    states,
    token,
    view,
)

from weighbridge.model.hijack.signals import SIGNALS

READERS = {signal.id: signal.read for signal in SIGNALS}
BINARY = {"path": "lib/core.so", "size": 1000}
BUSY = {
    "hooks": ["setup.py"], "binaries": [BINARY], "differs": ["gen.py"], "patterns": ["persists"],
}  # fmt: skip
FORK = {
    "host": "github.com", "name": "mallory/torhc", "id": "10", "owner": "mallory", "owner_id": "8",
    "created": "2019-01-01T00:00:00Z", "pushed": "", "archived": False, "disabled": False,
    "fork_of": "pytorch/pytorch",
}  # fmt: skip
MOVED = {
    "host": "github.com", "name": "new/name", "id": "9", "owner": "renamed", "owner_id": "7",
    "created": "", "pushed": "", "archived": True, "disabled": True, "fork_of": "big/repo",
}  # fmt: skip


def past(**changes: Any) -> list[Any]:
    """As few releases as make a habit."""
    return history(10, 73, **changes)


def _pairs() -> dict[str, tuple[Any, Any]]:
    """Projects at which no signal fires, with what was accepted of them."""
    quiet, busy = project(past()), project(past(**BUSY))
    ours = project(past(publisher=token("alice")))
    vouched = release("2.0.0", 730, publisher=token(repository="org/repo"))
    moved = project(repository=MOVED, owners=[owner("alice-new", "1"), owner("bob", "2")])
    known = project(repository={**MOVED, "name": "old/name", "owner": "old"},
                    owners=[owner("alice", "1"), owner("bob", "2")])  # fmt: skip
    old = project(name="torhc", created="2015-03-01", repository=FORK, resembles=["torch"])
    other = {"binaries": [{"path": "core.bin", "size": 1000}]}
    hub = {"system": "huggingface", "name": "org/m", "repository": None}
    return {
        "quiet": (project([*past(), release("2.0.0", 730)]), quiet),
        "nothing new": (quiet, quiet),
        "without a baseline": (quiet, None),
        "busy": (project([*past(**BUSY), release("2.0.0", 730, **BUSY)]), busy),
        "busy, nothing new": (busy, busy),
        "busy without a baseline": (busy, None),
        "other files": (project([*past(**other), release("2.0.0", 730, **other)]),
                        project(past(**other))),
        "by tokens": (project([*ours["releases"], release("2.0.0", 730, publisher=token())]), ours),
        "vouched for": (project([*past(), vouched]), quiet),
        "renamed": (moved, known),
        "an old fork": (old, None),
        "a new need": (project([*past(), release("2.0.0", 730, requires=["numpy", "scipy"])],
                               dependencies=[{"name": "scipy", "created": "2001-02-03"}]), quiet),
        "a name": (project(owners=None), project(owners=None)),
        "without numbers": (project(owners=[owner("alice", "")]),
                            project(owners=[owner("alice", "")])),
        "a hub": (project(**hub), project(**hub)),
    }  # fmt: skip


PAIRS = _pairs()

# Where a field is untold and the signal is clear all the same: what it says rests on another field,
# which is told. "*" is either side.
RESTS_ELSEWHERE = {
    # who published adds to who may: the owners are told, and are the same
    ("changed-owner", "*", "releases"),
    ("changed-owner", "*", "releases.publisher"),
    ("changed-owner", "*", "releases.publisher.kind"),
    ("changed-owner", "*", "releases.publisher.user"),
    ("changed-owner", "now", "releases.sha256"),
    ("changed-owner", "before", "releases.sha256"),
    # the same number, whatever it is called
    ("changed-owner", "*", "owners.name"),
    ("changed-owner", "*", "owner"),
    ("changed-owner", "*", "owner_created"),  # only said
    ("changed-owner", "*", "owners.created"),
    ("changed-repository", "*", "repository.name"),
    ("changed-repository", "*", "repository.owner"),
    ("recreated-namespace", "*", "owner"),
    ("recreated-namespace", "*", "repository.owner"),
    ("recreated-namespace", "*", "repository.host"),
    ("recreated-namespace", "*", "repository.name"),
    ("recreated-namespace", "*", "created"),  # by its number; and without that by its birth
    ("recreated-namespace", "*", "identity"),
    # older than every release that is trusted, or registered when it was accepted
    ("account-domain", "*", "domains.name"),
    ("account-domain", "before", "domains"),
    ("account-domain", "before", "domains.registered"),
    ("account-domain", "before", "domains.exists"),
    ("account-domain", "before", "order"),
    ("account-domain", "before", "releases"),
    ("account-domain", "before", "releases.uploaded"),
    # this one is attested, tagged, small inside: there is nothing to compare
    ("dropped-attestations", "before", "releases.attested"),
    ("untagged-release", "before", "releases.tag"),
    ("untagged-release", "now", "releases.tag"),
    ("new-binary", "*", "releases.size"),
    # not archived, disabled or a fork now, whatever it was
    ("changed-repository", "before", "repository.archived"),
    ("changed-repository", "before", "repository.disabled"),
    ("changed-repository", "before", "repository.fork_of"),
    # the account's age is told
    ("hostile-fork", "now", "owner"),
    ("hostile-fork", "now", "owner_id"),
    # nothing of it is young, wherever it comes from
    ("hostile-fork", "now", "repository.fork_of"),
    ("hostile-fork", "now", "repository.name"),
}
# Likewise but for these pairs, where it rests on that field.
RESTS_HERE = {
    ("account-domain", "now", "order"): {"without a baseline"},
    ("account-domain", "now", "releases"): {"without a baseline"},
    ("account-domain", "now", "releases.uploaded"): {"without a baseline"},
    ("changed-publisher", "now", "releases.attested"): {"vouched for"},
    ("changed-publisher", "now", "releases.publisher.repository"): {"quiet", "vouched for"},
    ("young-dependency", "now", "dependencies"): {"a new need"},
    ("young-dependency", "now", "dependencies.created"): {"a new need"},
    ("young-dependency", "now", "dependencies.name"): {"a new need"},
    ("artifact-differs", "before", "releases.differs"): {"busy"},
    ("suspicious-startup", "before", "releases.patterns"): {"busy"},
}


# Fields whose empty text says something of its own, so that it is never untold; and the names by
# which a project and a release are found at all.
A_VALUE = {
    "release",  # none is named: the newest is judged
    "releases.tag",  # asked, and there is none
    "releases.publisher.environment",  # published from none
    "repository.fork_of",
    "name",
    "releases.version",
}


class Told(dict):
    """Facts that remember by their path which of them were read."""

    def __init__(self, facts: dict[str, Any], at: str, read: set[str]) -> None:
        super().__init__({key: _watched(value, f"{at}{key}", read) for key, value in facts.items()})
        self._at, self._read = at, read

    def __getitem__(self, key: str) -> Any:
        self._read.add(f"{self._at}{key}")
        return super().__getitem__(key)

    __hash__ = None  # type: ignore[assignment]


def _watched(value: Any, at: str, read: set[str]) -> Any:
    if isinstance(value, dict):
        return Told(value, f"{at}.", read)
    if isinstance(value, list):
        return [_watched(one, at, read) for one in value]
    return value


def _blanks(facts: dict[str, Any], path: str) -> Iterator[Any]:
    """The facts with one field untold, everywhere that it stands."""
    blanks = (None, "", -1, []) if path not in A_VALUE else (None,)
    for blank in blanks:
        changed = copy.deepcopy(facts)
        if _blank(changed, path.split("."), blank):
            yield changed


def _blank(facts: Any, path: list[str], blank: object) -> bool:
    if isinstance(facts, list):
        done = [_blank(one, path, blank) for one in facts]  # all of them
        return any(done)
    if facts is None:
        return False
    if len(path) > 1:
        return _blank(facts[path[0]], path[1:], blank)
    field, told = path[0], facts[path[0]]
    if told == blank or told is None or not _untells(field, told, blank, "path" in facts):
        return False
    facts[field] = blank
    return True


def _untells(field: str, told: object, blank: object, of_file: bool) -> bool:
    """Whether that is how the field says that it is untold (see model.facts.project)."""
    if field == "sha256":
        return blank == []
    if field in ("tag", "fork_of", "signed_by"):
        return blank is None
    if field == "size" and of_file:
        return blank == -1
    if field in ("final", "asked", "system", "path"):
        return False  # always told
    return blank == "" if isinstance(told, str) else blank is None


def _reads(signal: str, now: Any, before: Any) -> set[tuple[str, str]]:
    mine: set[str] = set()
    theirs: set[str] = set()
    accepted = None if before is None else Told(before, "", theirs)
    list(READERS[signal](view(Told(now, "", mine), accepted)))  # type: ignore[arg-type]
    return {("now", path) for path in mine} | {("before", path) for path in theirs}


def _untold(signal: str) -> Iterator[tuple[str, str, str, Any, Any]]:
    for name, (now, before) in PAIRS.items():
        for side, path in sorted(_reads(signal, now, before)):
            for blanked in _blanks(now if side == "now" else before, path):
                pair = (blanked, before) if side == "now" else (now, blanked)
                yield name, side, path, *pair


@pytest.mark.parametrize("signal", READERS)
def test_no_signal_fires_on_these(signal) -> None:
    for name, (now, before) in PAIRS.items():
        alone = before is None and name.startswith("busy")
        if (signal, alone) not in {("suspicious-startup", True), ("artifact-differs", True)}:
            assert FIRED not in states(READERS[signal](view(now, before))), name


@pytest.mark.parametrize("signal", READERS)
def test_what_is_untold_never_fires(signal) -> None:
    """Nothing fires that would not without any accepted state: what nobody accepted excuses none.

    So code that steals still fires where the accepted state does not tell what code did then.
    """
    for name, side, path, now, before in _untold(signal):
        was = states(READERS[signal](view(*PAIRS[name])))
        if FIRED not in was and FIRED in states(READERS[signal](view(now, before))):
            alone = states(READERS[signal](view(now, None)))
            assert side == "before", (name, path)
            assert FIRED in alone, (name, path)


@pytest.mark.parametrize("signal", READERS)
def test_what_is_untold_is_never_clear(signal) -> None:
    seen = 0
    for name, side, path, now, before in _untold(signal):
        if {(signal, side, path), (signal, "*", path)} & RESTS_ELSEWHERE:
            continue
        if name not in RESTS_HERE.get((signal, side, path), {name}):
            continue
        if name == "a hub" and path == "releases.sha256":
            continue  # a commit's id stands for its files
        seen += 1
        was = states(READERS[signal](view(*PAIRS[name])))
        if was == {CLEAR} or FIRED in was:
            assert states(READERS[signal](view(now, before))) != {CLEAR}, (name, side, path)
    assert seen
