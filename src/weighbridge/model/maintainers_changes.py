"""What changed between two snapshots of projects: for whom, of which kind, and what a signal says.

Every difference is told; which of them bears on a hijack, the signals say
(:mod:`weighbridge.model.hijack`). A project that is as it was is not looked into.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from weighbridge.model.errors import ExitCode
from weighbridge.model.evidence import EvidenceState
from weighbridge.model.facts.project import MAX_RELEASES, ProjectFacts, ReleaseFacts
from weighbridge.model.hijack.view import Reading, SignalState, View
from weighbridge.model.maintainers_snapshot import KeptProject, MaintainersSnapshot


class ChangeKind(enum.StrEnum):
    """What changed. ``unavailable`` is what was told and is not any more."""

    PROJECTS = "projects"  # one that is new here, or gone
    IDENTITY = "identity"
    STATUS = "status"
    OWNERS = "owners"
    ACCOUNTS = "accounts"  # the account a project stands under, domains of mail
    REPOSITORIES = "repositories"
    RELEASES = "releases"
    PUBLISHERS = "publishers"
    ATTESTATIONS = "attestations"
    TAGS = "tags"
    KEYS = "keys"
    DEPENDENCIES = "dependencies"
    HOOKS = "hooks"
    CONTENTS = "contents"
    RECORDS = "records"  # of malice, of names that resemble another
    HYGIENE = "hygiene"  # OpenSSF Scorecard
    UNAVAILABLE = "unavailable"
    AVAILABLE = "available"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``what`` is a clause about the project, with text as a service sent it."""

    kind: ChangeKind
    what: str


@dataclass(frozen=True, slots=True)
class ProjectChanges:
    """What is different for one project, and which signals fire on it."""

    about: str
    changes: tuple[Change, ...]
    fired: tuple[Reading, ...] = ()


# Of each field of a project: the kind that a change of it is of, and what it is called.
_FIELDS: Mapping[str, tuple[ChangeKind, str]] = {
    "identity": (ChangeKind.IDENTITY, "the service's number for it"),
    "created": (ChangeKind.IDENTITY, "the day on which it was made"),
    "status": (ChangeKind.STATUS, "its status"),
    "status_reason": (ChangeKind.STATUS, "the reason of its status"),
    "owner": (ChangeKind.ACCOUNTS, "the account that it stands under"),
    "owner_id": (ChangeKind.ACCOUNTS, "the number of that account"),
    "owner_created": (ChangeKind.ACCOUNTS, "the first day of that account"),
    "order": (ChangeKind.RELEASES, "what its times follow"),
    "release": (ChangeKind.RELEASES, "the release in use"),
}
_REPOSITORY = {
    "host": "host", "name": "name", "id": "number", "owner": "owner", "owner_id": "owner's number",
    "created": "first day", "archived": "archived", "disabled": "disabled", "fork_of": "fork of",
}  # fmt: skip
_LISTS: Mapping[str, tuple[ChangeKind, str]] = {
    "owners": (ChangeKind.OWNERS, "owner"),
    "domains": (ChangeKind.ACCOUNTS, "domain of its owners' mail"),
    "malicious": (ChangeKind.RECORDS, "record of malice"),
    "resembles": (ChangeKind.RECORDS, "name that it resembles"),
}
_RELEASE: Mapping[str, tuple[ChangeKind, str]] = {
    "publisher": (ChangeKind.PUBLISHERS, "published by"),
    "attested": (ChangeKind.ATTESTATIONS, "attested"),
    "signed_by": (ChangeKind.KEYS, "commit signed by"),
    "signing_key": (ChangeKind.KEYS, "signing key"),
    "requires": (ChangeKind.DEPENDENCIES, "depends on"),
    "hooks": (ChangeKind.HOOKS, "hooks"),
    "binaries": (ChangeKind.CONTENTS, "binaries"),
    "differs": (ChangeKind.CONTENTS, "code that its tag does not have"),
    "patterns": (ChangeKind.CONTENTS, "patterns of start-up code"),
}
# What is the same in no two releases, and so says nothing between them.
_SAME_RELEASE: Mapping[str, tuple[ChangeKind, str]] = {
    **_RELEASE,
    "uploaded": (ChangeKind.RELEASES, "uploaded"),
    "yanked": (ChangeKind.RELEASES, "withdrawn"),
    "tag": (ChangeKind.TAGS, "tag"),
    "commit": (ChangeKind.TAGS, "commit"),
    "sha256": (ChangeKind.RELEASES, "files"),
}
_SHOWN = 5


def compare(
    old: MaintainersSnapshot, new: MaintainersSnapshot, as_of: dt.date
) -> tuple[ProjectChanges, ...]:
    """What is different, by project; those that are as they were are left out.

    Args:
        old: what was.
        new: what is.
        as_of: the day for the signals.
    """
    before = {project.about: project for project in old.projects}
    after = {project.about: project for project in new.projects}
    found = []
    for about in sorted(before.keys() | after.keys()):
        was, now = before.get(about), after.get(about)
        if was is not None and now is not None and was.facts == now.facts and _said(was, now):
            continue
        changes = tuple(_of_project(was, now))
        if changes:
            found.append(ProjectChanges(about, changes, tuple(_fired(was, now, as_of))))
    return tuple(found)


def exit_code(found: Sequence[ProjectChanges]) -> ExitCode:
    """1 where a signal fires on a change, else 3 where something became unavailable, else 0."""
    if any(project.fired for project in found):
        return ExitCode.VIOLATED
    gone = (c.kind is ChangeKind.UNAVAILABLE for project in found for c in project.changes)
    return ExitCode.INCONCLUSIVE if any(gone) else ExitCode.HOLDS


def _said(was: KeptProject, now: KeptProject) -> bool:
    return was.facts is not None or was.reason == now.reason


def _fired(was: KeptProject | None, now: KeptProject | None, as_of: dt.date) -> Iterator[Reading]:
    from weighbridge.model.hijack.signals import SIGNALS

    if now is None or now.project is None:
        return
    view = View(now.project, was.project if was is not None else None, as_of)
    for signal in SIGNALS:
        for reading in signal.read(view):
            if reading.state is SignalState.FIRED:
                yield reading


def _of_project(was: KeptProject | None, now: KeptProject | None) -> Iterator[Change]:
    if now is None:
        yield Change(ChangeKind.PROJECTS, "is not among the projects any more")
        return
    if was is None:
        yield Change(ChangeKind.PROJECTS, "is new among the projects")
    if now.project is None:
        if was is None or was.facts is not None:
            gone = now.state is EvidenceState.ABSENT
            words = "is not there" if gone else "could not be asked about"
            yield Change(ChangeKind.UNAVAILABLE, f"{words}: {now.reason}")
    elif was is not None and was.project is None:
        yield Change(ChangeKind.AVAILABLE, "was not there to be asked about, and is")
    elif was is not None and was.project is not None:
        yield from changes_of(was.project, now.project)


def changes_of(was: ProjectFacts, now: ProjectFacts) -> Iterator[Change]:
    """What is different between two states of one project."""
    before: Mapping[str, Any] = was
    after: Mapping[str, Any] = now
    for name, (kind, called) in _FIELDS.items():
        if before[name] and not after[name] and name not in ("release", "status_reason"):
            yield Change(ChangeKind.UNAVAILABLE, f"no longer tells {called}")
        elif before[name] != after[name]:
            yield Change(kind, f"{called}: {_one(before[name])} -> {_one(after[name])}")
    for name, (kind, called) in _LISTS.items():
        yield from _list(kind, called, before[name], after[name])
    if _numbered(was) and now["owners"] and not _numbered(now):
        yield Change(ChangeKind.UNAVAILABLE, "no longer tells the numbers of its owners")
    yield from _repository(was, now)
    yield from _releases(was, now)
    yield from _optional("the days of its dependencies", was["dependencies"], now["dependencies"])
    yield from _optional("its Scorecard", was["scorecard"], now["scorecard"])
    if was["scorecard"] and now["scorecard"] and was["scorecard"] != now["scorecard"]:
        scores = (was["scorecard"]["score"], now["scorecard"]["score"])
        if scores[0] != scores[1]:
            yield Change(ChangeKind.HYGIENE, f"Scorecard: {scores[0]} -> {scores[1]}")


def _numbered(facts: ProjectFacts) -> bool:
    return any(owner["id"] for owner in facts["owners"] or ())


def _optional(called: str, was: object, now: object) -> Iterator[Change]:
    if was is not None and now is None:
        yield Change(ChangeKind.UNAVAILABLE, f"no longer tells {called}")
    elif was is None and now is not None:
        yield Change(ChangeKind.AVAILABLE, f"now tells {called}")


def _list(
    kind: ChangeKind, called: str, was: Sequence[Any] | None, now: Sequence[Any] | None
) -> Iterator[Change]:
    if was is None or now is None:
        yield from _optional(f"of any {called}", was, now)
        return
    gone, new = _only_in(was, now), _only_in(now, was)
    if new:
        yield Change(kind, f"new {called}: {_several(new)}")
    if gone:
        yield Change(kind, f"no longer {called}: {_several(gone)}")


def _repository(was: ProjectFacts, now: ProjectFacts) -> Iterator[Change]:
    before, after = was["repository"], now["repository"]
    if before is None or after is None:
        yield from _optional("its source repository", before, after)
        return
    one: Mapping[str, Any] = before
    other: Mapping[str, Any] = after
    for name, called in _REPOSITORY.items():
        if one[name] in (None, "") and other[name] in (None, ""):
            continue
        if other[name] is None or (other[name] == "" and name != "fork_of"):
            yield Change(ChangeKind.UNAVAILABLE, f"no longer tells the repository's {called}")
        elif one[name] != other[name]:
            what = f"repository, {called}: {_one(one[name])} -> {_one(other[name])}"
            yield Change(ChangeKind.REPOSITORIES, what)


def _releases(was: ProjectFacts, now: ProjectFacts) -> Iterator[Change]:
    if was["releases"] is None or now["releases"] is None:
        yield from _optional("its releases", was["releases"], now["releases"])
        return
    before = {release["version"]: release for release in was["releases"]}
    after = {release["version"]: release for release in now["releases"]}
    gone = [version for version in before if version not in after]
    if len(now["releases"]) < MAX_RELEASES and gone:
        yield Change(ChangeKind.RELEASES, f"no longer there: {_several(gone)}")
    new = [release for release in now["releases"] if release["version"] not in before]
    for version, release in after.items():
        if version in before and before[version] != release:
            found = _release(before[version], release, _SAME_RELEASE, f"release {version}")
            # the newest are asked about closely: after a new one, an older one is not any more
            yield from (c for c in found if not new or c.kind is not ChangeKind.UNAVAILABLE)
    if new:
        names = [f"{r['version']} ({r['uploaded'] or 'no time'})" for r in new]
        yield Change(ChangeKind.RELEASES, f"new: {_several(names)}")
    last = next((r for r in reversed(was["releases"]) if r["final"]), None)
    for release in new if last is not None else ():
        assert last is not None
        where = f"release {release['version']} after {last['version']}"
        yield from _release(last, release, _RELEASE, where)
        if last["tag"] and release["tag"] == "":
            yield Change(ChangeKind.TAGS, f"{where}: no tag")


def _release(
    was: ReleaseFacts,
    now: ReleaseFacts,
    fields: Mapping[str, tuple[ChangeKind, str]],
    where: str,
) -> Iterator[Change]:
    before: Mapping[str, Any] = was
    after: Mapping[str, Any] = now
    for name, (kind, called) in fields.items():
        one, other = before[name], after[name]
        if one == other:
            continue
        if one is not None and other is None:
            # of a release without attestations an index does not tell by whom it was published
            if name != "publisher" or now["attested"] is not False:
                yield Change(ChangeKind.UNAVAILABLE, f"{where}: no longer tells {called!r}")
        elif isinstance(one, list | tuple) and isinstance(other, list | tuple):
            new, gone = _only_in(other, one), _only_in(one, other)
            parts = [*([f"new {_several(new)}"] if new else []),
                     *([f"gone {_several(gone)}"] if gone else [])]  # fmt: skip
            if parts:
                yield Change(kind, f"{where}: {called}: {'; '.join(parts)}")
        elif one is not None:
            yield Change(kind, f"{where}: {called}: {_one(one)} -> {_one(other)}")


def _only_in(some: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    known = {_one(other) for other in others}
    return [one for one in some if _one(one) not in known]


def _several(values: Sequence[Any]) -> str:
    more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
    return ", ".join(_one(value) for value in values[:_SHOWN]) + more


def _one(value: object) -> str:
    """A value in a line; of an object what stands in it."""
    if isinstance(value, Mapping):
        return " ".join(_one(item) for item in value.values() if item not in ("", None))
    if isinstance(value, list | tuple):
        return ", ".join(_one(item) for item in value) or "none"
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
