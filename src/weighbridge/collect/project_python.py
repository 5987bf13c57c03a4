"""What a package index says of one package, as the facts of a project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from weighbridge.collect.project_facts import (
    closely,
    is_final,
    oldest_first,
    order_of,
    public,
    release,
    untold,
    version_key,
)
from weighbridge.collect.project_provenance import commit_of
from weighbridge.collect.project_wanted import Wanted
from weighbridge.model.digest import Digest
from weighbridge.model.facts.project import (
    DependencyFacts,
    OwnerFacts,
    ProjectFacts,
    PublisherFacts,
    ReleaseFacts,
)
from weighbridge.sources.index_pages import IndexFile
from weighbridge.sources.index_project import IndexProject, ProjectIndex

MAX_HABIT = 20  # earlier releases whose publishers show what is usual
MAX_FILES_ASKED = 3  # of one release, where the index does not list which have provenance
_OWNER = "Owner"


@dataclass(slots=True)
class PythonProject:
    """One package while its facts are put together.

    ``close`` are the versions that single questions are asked about. ``builders`` are repositories
    (``owner/name``) that provenance says a release was built from, by version. ``homes`` are the
    addresses that the metadata names, the surest first. ``accepted``: whether somebody accepted a
    state of it. ``raw`` are digests of answers beside those in ``asked``.
    """

    wanted: Wanted
    answer: IndexProject
    facts: ProjectFacts
    close: tuple[str, ...] = ()
    files: Mapping[str, list[IndexFile]] = field(default_factory=dict)
    builders: dict[str, str] = field(default_factory=dict)
    homes: tuple[str, ...] = ()
    accepted: bool = False
    raw: list[Digest] = field(default_factory=list)

    @property
    def answered(self) -> bool:
        """Whether the index said anything of it: that it is gone counts, if it was there once."""
        return bool(self.answer.page or self.answer.listing or self.facts["status"] == "deleted")

    @property
    def mails(self) -> tuple[str, ...] | None:
        """The domains of the owners' mail, None where untold."""
        return self.answer.page.mails if self.answer.page is not None else None

    def release(self, version: str) -> ReleaseFacts | None:
        """The facts of one of its releases."""
        found = self.facts["releases"] or []
        return next((one for one in found if one["version"] == version), None)


def of_answer(
    wanted: Wanted, answer: IndexProject, accepted: frozenset[str] | None
) -> PythonProject:
    """The facts that both pages of a project give.

    Args:
        wanted: what was asked about.
        answer: of the index.
        accepted: the versions of the accepted state, None without one.
    """
    facts = untold(wanted)
    facts["asked"] = list(answer.asked)
    page, listing = answer.page, answer.listing
    if listing is not None:
        facts["status"] = listing.status
        facts["status_reason"] = listing.status_reason
        if listing.status == "deprecated":  # PEP 792: still kept, and better not begun with
            facts["status"] = "active"
            facts["status_reason"] = f"deprecated: {listing.status_reason}".rstrip(": ")
    elif answer.gone and accepted is not None:
        facts["status"] = "deleted"
        facts["status_reason"] = "the index has it no more: it was deleted, or quarantined"
    if page is not None and page.owners is not None:
        facts["owners"] = [_owner(name, role) for name, role in page.owners]
        alone = [name for name, role in page.owners if role == _OWNER]
        facts["owner"] = page.organization or (alone[0] if len(alone) == 1 else "")
    files = _by_version(answer.files or ())
    used = _in_use(wanted.release, files)
    facts["release"] = used
    if answer.files is not None:
        releases = [_release(version, files[version]) for version in files]
        if used and used not in files:
            releases.append(_unlisted(used, files))
        told = facts["owners"] is not None
        facts["order"] = order_of(releases, owners_told=told)
        facts["releases"] = oldest_first(releases, facts["order"])
        if facts["order"] == "upload":
            facts["created"] = min((r["uploaded"] for r in releases if r["uploaded"]), default="")
    homes = [*(page.homes if page is not None else ()), wanted.home]
    return PythonProject(
        wanted,
        answer,
        facts,
        closely(facts["releases"] or (), used, accepted),
        files,
        homes=tuple(home for home in homes if home),
        accepted=accepted is not None,
    )


def ask_closely(project: PythonProject, index: ProjectIndex) -> None:
    """Who published the releases that matter, and what they depend on.

    Without an accepted state, who published the attested ones before them is asked too.
    """
    for version in project.close:
        found = project.release(version)
        if found is not None and version in project.files:
            _requires(project, found, index)
            _published(project, found, index)
    for earlier in _habit(project):
        _published(project, earlier, index)


def new_requirements(project: PythonProject) -> list[str]:
    """What some of the releases that matter depend on and others do not, sorted."""
    told = _told(project)
    return sorted(set().union(*told) - told[0].intersection(*told)) if len(told) > 1 else []


def add_dependencies(project: PythonProject, created: Mapping[str, str]) -> None:
    """Since when the projects exist that the releases that matter depend on.

    Args:
        project: whose facts are completed.
        created: the first upload of packages by name; empty where it is not believed.
    """
    if told := _told(project):
        project.facts["dependencies"] = [
            DependencyFacts(name=name, created=created.get(name, ""))
            for name in sorted(set().union(*told))
        ]


def _told(project: PythonProject) -> list[set[str]]:
    releases = [project.release(version) for version in project.close]
    return [set(one["requires"]) for one in releases if one and one["requires"] is not None]


def _habit(project: PythonProject) -> list[ReleaseFacts]:
    """The last attested releases that no accepted state speaks of and nobody asked about yet."""
    if project.accepted:
        return []
    found = [
        one
        for one in project.facts["releases"] or ()
        if one["attested"] and one["version"] not in project.close
    ]
    return found[-MAX_HABIT:]


def _in_use(recorded: str, files: Mapping[str, object]) -> str:
    """The version in use as the index names it: a local part is of another index."""
    if not recorded:
        return ""
    return next(
        (version for version in files if version_key(version) == version_key(recorded)),
        public(recorded),
    )


def _by_version(files: Iterable[IndexFile]) -> dict[str, list[IndexFile]]:
    """The files of each release. The two pages write versions differently (``1.0``, ``1.0.0``)."""
    found: dict[object, tuple[str, list[IndexFile]]] = {}
    for file in files:
        found.setdefault(version_key(file.version), (file.version, []))[1].append(file)
    return {version: sorted(those, key=lambda f: f.name) for version, those in found.values()}


def _release(version: str, files: list[IndexFile]) -> ReleaseFacts:
    facts = release(version, final=is_final(version))
    facts["uploaded"] = min((file.uploaded for file in files if file.uploaded), default="")
    facts["sha256"] = sorted({file.sha256 for file in files if file.sha256})
    facts["size"] = max((file.size for file in files if file.size >= 0), default=None)
    withdrawn = {file.yanked for file in files}
    facts["yanked"] = None if None in withdrawn else all(withdrawn)
    facts["attested"] = _every([file.provenance for file in files])
    return facts


def _unlisted(version: str, files: Iterable[str]) -> ReleaseFacts:
    """A release that is in use and that the index does not list.

    It was taken away where later ones are listed; a mirror may not have the newest yet.
    """
    facts = release(version, final=is_final(version))
    later = any(version_key(one) > version_key(version) for one in files)
    facts["yanked"] = True if later else None
    return facts


def _every(attested: list[bool | None]) -> bool | None:
    if False in attested:
        return False
    return None if None in attested or not attested else True


def _owner(name: str, role: str) -> OwnerFacts:
    return OwnerFacts(name=name, role=role, id="", created="")


def _requires(project: PythonProject, facts: ReleaseFacts, index: ProjectIndex) -> None:
    page = project.answer.page
    if page is None:
        return  # a mirror without JSON pages has none of single releases either
    if version_key(page.version) == version_key(facts["version"]):
        needs = page.requires
    else:
        needs, asked = index.requires(project.wanted.name, facts["version"])
        project.facts["asked"].append(asked)
    facts["requires"] = list(needs) if needs is not None else None


def _published(project: PythonProject, facts: ReleaseFacts, index: ProjectIndex) -> None:
    """Ask for provenance, unless the index lists that no file of the release has any."""
    files = project.files[facts["version"]]
    asking = [file for file in files if file.provenance is not False]
    if files and all(file.provenance for file in files):
        asking = asking[:1]  # what each has is listed: one tells whose
    found: list[bool | None] = [False] * (len(files) - len(asking))
    publishers: list[PublisherFacts] = []
    for number, file in enumerate(asking):
        if number >= MAX_FILES_ASKED:
            found.append(None)
            continue
        one = index.provenance(project.wanted.name, file)
        project.facts["asked"].append(one.asked)
        found.append(one.attested)
        if one.publisher is not None:
            publishers.append(one.publisher)
            facts["commit"] = facts["commit"] or commit_of(one.certificate)
        elif one.attested is None and file.provenance is None:
            break  # it does not tell of this one, and will not of the next
    if False in found or (facts["attested"] is None and len(found) == len(files)):
        facts["attested"] = _every(found)
    if publishers and all(one == publishers[0] for one in publishers):
        facts["publisher"] = publishers[0]
        if publishers[0]["kind"] == "GitHub" and "/" in publishers[0]["repository"]:
            project.builders[facts["version"]] = publishers[0]["repository"]
