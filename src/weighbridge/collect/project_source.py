"""The repository that a package is made in: which one it is, its tags, and who signed its releases.

Where it is, provenance says best (a forge vouched for it), then the attestations that deps.dev has
verified, then the project's own metadata, which may name any repository it likes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from weighbridge.collect.project_python import PythonProject
from weighbridge.collect.project_tags import TagsByVersion, guesses
from weighbridge.model.digest import Digest
from weighbridge.model.facts.project import (
    AskedFacts,
    ReleaseFacts,
    RepositoryFacts,
    ScorecardFacts,
)
from weighbridge.sources.deps_dev import DepsDev
from weighbridge.sources.forge import Forge
from weighbridge.sources.forge_types import Listing, Repository, Tag, Tree
from weighbridge.sources.json_service import Answer
from weighbridge.sources.questions import record
from weighbridge.sources.scorecard import ScorecardClient

HOST = "github.com"
_PART = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
# pages of a forge that are nobody's repositories
_NOT_OWNERS = frozenset({"sponsors", "orgs", "apps", "marketplace", "topics", "about", "features"})


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """What forge and Scorecard say of one repository; a value is None where it could not be had."""

    repository: Repository | None
    tags: Listing[Tag] | None
    scorecard: ScorecardFacts | None
    asked: tuple[AskedFacts, ...]
    raw: tuple[Digest, ...]


def repository_of(url: str) -> str:
    """``owner/name`` of an address on the forge; empty for every other address."""
    try:
        parts = urlsplit(url.strip().removeprefix("git+"))
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if host != HOST or parts.scheme not in ("http", "https", "git", "ssh"):
        return ""
    owner, name = (*parts.path.strip("/").split("/")[:2], "", "")[:2]
    name = name.removesuffix(".git")
    usable = _PART.match(owner) and _PART.match(name) and owner.lower() not in _NOT_OWNERS
    return f"{owner}/{name}" if usable else ""


def source_of(project: PythonProject, attested: Iterable[str] = ()) -> str:
    """The repository that a package is made in, ``owner/name``; empty where nothing names one.

    Args:
        project: with what provenance says.
        attested: addresses in attestations that another service has verified.
    """
    used = project.builders.get(project.facts["release"])
    told = [*([used] if used else []), *reversed(project.builders.values())]
    told += [repository_of(url) for url in (*attested, *project.homes)]
    return next((name for name in told if name), "")


def ask_source(name: str, forge: Forge | None, scorecards: ScorecardClient | None) -> SourceAnswer:
    """One repository, its tags and its scorecard; who is not configured is not asked."""
    asked: list[AskedFacts] = []
    raw: list[Digest] = []
    repository: Repository | None = None
    tags: Listing[Tag] | None = None
    scorecard: ScorecardFacts | None = None
    if forge is not None:
        first = forge.repository(name)
        _note("forge.repository", first, asked, raw)
        repository = first.value
        if repository is not None:
            second = forge.tags(repository.name)
            _note("forge.tags", second, asked, raw)
            tags = second.value
    if scorecards is not None:
        third = scorecards.ask(f"{HOST}/{repository.name if repository else name}")
        _note("scorecard", third, asked, raw)
        if third.value is not None:
            scorecard = ScorecardFacts(
                date=third.value.date, score=third.value.score, version=third.value.version
            )
    return SourceAnswer(repository, tags, scorecard, tuple(asked), tuple(raw))


def fold(project: PythonProject, answer: SourceAnswer) -> None:
    """Put a repository's answer into a project's facts: every release gets its tag."""
    facts = project.facts
    facts["asked"] += answer.asked
    facts["scorecard"] = answer.scorecard
    if answer.repository is None:
        return
    facts["repository"] = repository_facts(answer.repository)
    if answer.tags is None:
        return
    tags = TagsByVersion(answer.tags.items, project.wanted.name, complete=answer.tags.complete)
    for release in facts["releases"] or ():
        tag = tags.of(release["version"])
        if tag is not None:
            release["tag"] = tag.name
            release["commit"] = tag.commit
        elif tags.complete:
            release["tag"] = ""


def ask_commits(project: PythonProject, forge: Forge) -> list[Digest]:
    """Who signed the commits of the releases that matter. The digests are those of the answers."""
    raw: list[Digest] = []
    repository = project.facts["repository"]
    if repository is None:
        return raw
    for version in project.close:
        release = project.release(version)
        if release is None:
            continue
        if release["tag"] is None and not release["commit"]:
            _guess(project, release, forge, raw)
        elif release["commit"]:
            answer = forge.commit(repository["name"], release["commit"])
            _note("forge.commit", answer, project.facts["asked"], raw)
            if answer.value is not None:
                release["signed_by"] = answer.value.signed_by
                release["signing_key"] = answer.value.key
    return raw


def tree_of(project: PythonProject, forge: Forge) -> tuple[Tree | None, list[Digest]]:
    """The files of the commit that the release in use was made from."""
    raw: list[Digest] = []
    repository, used = project.facts["repository"], project.release(project.facts["release"])
    if repository is None or used is None or not used["commit"]:
        return None, raw
    answer = forge.tree(repository["name"], used["commit"])
    _note("forge.tree", answer, project.facts["asked"], raw)
    return answer.value, raw


def ask_deps_dev(project: PythonProject, deps_dev: DepsDev) -> tuple[tuple[str, ...], list[Digest]]:
    """What deps.dev has verified of the release in use: the repositories that it was built in."""
    raw: list[Digest] = []
    version = project.facts["release"] or (project.close[0] if project.close else "")
    if not version:
        return (), raw
    answer = deps_dev.release(project.wanted.name, version)
    _note("deps.dev", answer, project.facts["asked"], raw)
    if answer.value is None:
        return (), raw
    if answer.value.status == "quarantined" and project.facts["status"] in ("", "deleted"):
        project.facts["status"] = "quarantined"
        project.facts["status_reason"] = answer.value.status_reason
    verified = [one for one in answer.value.attestations if one.verified]
    release = project.release(version)
    if release is not None and not release["commit"]:
        commits = {one.commit for one in verified if re.fullmatch(r"[0-9a-f]{40,64}", one.commit)}
        release["commit"] = commits.pop() if len(commits) == 1 else ""
    return tuple(one.repository for one in verified), raw


def repository_facts(repository: Repository) -> RepositoryFacts:
    """A repository of the forge, as facts."""
    return {
        "host": HOST,
        "name": repository.name,
        "id": repository.id,
        "owner": repository.owner,
        "owner_id": repository.owner_id,
        "created": repository.created,
        "pushed": repository.pushed,
        "archived": repository.archived,
        "disabled": repository.disabled,
        "fork_of": repository.fork_of,
    }


def _guess(project: PythonProject, release: ReleaseFacts, forge: Forge, raw: list[Digest]) -> None:
    """Where not every tag could be listed: ask for the usual names. A miss proves nothing."""
    repository = project.facts["repository"]
    if repository is None:
        return
    for name in guesses(release["version"]):
        answer = forge.tag_commit(repository["name"], name)
        _note("forge.commit", answer, project.facts["asked"], raw)
        if answer.value is not None:
            release["tag"], release["commit"] = name, answer.value.sha
            release["signed_by"], release["signing_key"] = answer.value.signed_by, answer.value.key
            return


def _note(what: str, answer: Answer[Any], asked: list[AskedFacts], raw: list[Digest]) -> None:
    asked.append(record(what, answer))
    raw += answer.raw
