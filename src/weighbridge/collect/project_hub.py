"""What a Hub says of one repository, as the facts of a project.

A release of a Hub is a commit of the main branch. The Hub does not tell how a commit was made (with
a token, by a trusted publisher, on its web page), only by which account: ``publisher`` is that. Nor
does it list who may write to a repository: ``owners`` is the account that it stands under.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

from weighbridge.collect.project_facts import release, untold
from weighbridge.collect.project_known import Known
from weighbridge.collect.project_wanted import Wanted
from weighbridge.model.facts.project import (
    MAX_RELEASES,
    AskedFacts,
    BinaryFacts,
    OwnerFacts,
    ProjectFacts,
    PublisherFacts,
    ReleaseFacts,
)
from weighbridge.sources.hub_accounts import (
    HubAccount,
    HubAccounts,
    HubCommit,
    HubFile,
    HubRepository,
)

# What Windows, a shell or a Java machine runs by its name. Weights are looked at by content, where
# they are at hand; a name says nothing of them.
_PROGRAMS = (
    ".exe", ".dll", ".so", ".dylib", ".bat", ".cmd", ".ps1", ".vbs", ".scr", ".msi", ".jar",
    ".sh", ".pyd", ".pyc", ".node", ".wasm", ".apk", ".dmg", ".com", ".lnk", ".hta",
)  # fmt: skip
MAX_BINARIES = 1_000
_DISORDER = 0.25


@dataclass(frozen=True, slots=True)
class NotHad:
    """A repository that could not be had, or that the Hub does not have."""

    asked: AskedFacts


def of_repository(wanted: Wanted, hub: HubAccounts, known: Known) -> ProjectFacts | NotHad:
    """The facts of one repository, or why there are none.

    Args:
        wanted: what to ask about.
        hub: which is asked.
        known: what is known already: whether an accepted state has the repository, so that it was
            there once, and which better known ones it could be taken for.
    """
    facts = untold(wanted)
    found, asked = hub.repository(wanted.kind, wanted.name)
    facts["asked"].append(asked)
    if found is None and asked["state"] == "absent" and wanted.about in known.accepted:
        facts["status"] = "deleted"
        facts["status_reason"] = "the hub has it no more under this name"
        return facts
    if found is None:
        return NotHad(asked)
    _identity(facts, found)
    known.add_likeness(wanted, facts, found.made_from)
    commits, whole, questions = hub.commits(wanted.kind, found.name)
    facts["asked"] += questions
    if commits is not None:
        releases = _releases(commits, found)
        facts["releases"], facts["order"] = releases, _order(releases)
        if not facts["created"] and whole and releases and facts["order"] == "upload":
            facts["created"] = releases[0]["uploaded"]
    facts["release"] = wanted.release
    return facts


def add_owner(facts: ProjectFacts, account: HubAccount | None) -> None:
    """Put in the account that a repository stands under; None where it could not be had."""
    if account is None:
        return
    facts["owner_id"] = account.identity
    facts["owner_created"] = account.created
    facts["owners"] = [
        OwnerFacts(
            name=account.name, role=account.kind, id=account.identity, created=account.created
        )
    ]


def _identity(facts: ProjectFacts, found: HubRepository) -> None:
    facts["identity"] = found.identity
    facts["created"] = found.created
    # the namespace is part of the name; 'author' repeats it, and is left out of old names (gpt2)
    facts["owner"] = found.name.partition("/")[0] if "/" in found.name else found.author
    if found.disabled is not None:
        facts["status"] = "disabled" if found.disabled else "active"
    reasons = []
    if found.name.casefold() != facts["name"].casefold():
        reasons.append(f"{facts['name']} now leads to {found.name}")
    if found.doubt:
        reasons.append(found.doubt)
    facts["status_reason"] = "; ".join(reasons)


def _releases(commits: tuple[HubCommit, ...], found: HubRepository) -> list[ReleaseFacts]:
    """Oldest first, as the Hub lists them newest first; the files are those of the head."""
    releases = []
    for commit in reversed(commits[:MAX_RELEASES]):
        facts = release(commit.id)
        facts["uploaded"] = commit.date
        facts["commit"] = commit.id
        if commit.authors:
            facts["publisher"] = PublisherFacts(
                kind="token", repository="", workflow="", environment="", user=commit.authors[0]
            )
        if commit.id == found.head and found.files is not None:
            _contents(facts, found.files)
        releases.append(facts)
    return releases


def _contents(facts: ReleaseFacts, files: tuple[HubFile, ...]) -> None:
    facts["size"] = max((file.size for file in files if file.size >= 0), default=None)
    facts["sha256"] = sorted({file.sha256 for file in files if file.sha256})
    facts["binaries"] = [
        BinaryFacts(path=file.path, size=file.size)
        for file in files
        if file.path.lower().endswith(_PROGRAMS)
    ][:MAX_BINARIES]


def _order(releases: list[ReleaseFacts]) -> Literal["upload", "unknown"]:
    """Whoever pushes with git writes the date himself: a history out of order is not believed."""
    times = [one["uploaded"] for one in releases if one["uploaded"]]
    pairs = list(itertools.pairwise(times))
    wrong = sum(earlier > later for earlier, later in pairs)
    return "upload" if times and wrong <= _DISORDER * len(pairs) else "unknown"
