"""Asking about many projects: several at a time, in steps, each of which needs the one before.

Index first, then provenance, then deps.dev, then each repository once for all packages made in it,
then the commits and trees of releases, then the domains of the owners' mail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from weighbridge.collect.project_clients import Clients
from weighbridge.collect.project_hub import NotHad, add_owner, of_repository
from weighbridge.collect.project_installed import differing
from weighbridge.collect.project_known import Known
from weighbridge.collect.project_python import (
    PythonProject,
    add_dependencies,
    ask_closely,
    new_requirements,
    of_answer,
)
from weighbridge.collect.project_source import (
    ask_commits,
    ask_deps_dev,
    ask_source,
    fold,
    source_of,
    tree_of,
)
from weighbridge.collect.project_wanted import Wanted
from weighbridge.model.digest import Digest
from weighbridge.model.facts.project import ProjectFacts
from weighbridge.sources.index_project import IndexProject, ProjectIndex

WORKERS = 4  # an index asks for few connections, and a forge counts them
MAX_STRANGERS = 200  # dependencies that are no projects of the subject
MAX_DOMAINS = 500

Item = TypeVar("Item")
Result = TypeVar("Result")


def ask_packages(
    wanted: Sequence[Wanted], index: ProjectIndex, clients: Clients, known: Known
) -> list[PythonProject]:
    """Every package that the index answered about, or did not: in the order they are wanted."""
    answers = _each(lambda one: index.project(one.name), wanted)
    projects = [
        of_answer(one, answer, known.accepted.get(one.about))
        for one, answer in zip(wanted, answers, strict=True)
    ]
    there = [project for project in projects if project.answered]
    _each(lambda project: ask_closely(project, index), there)
    _add_dependencies(there, index)
    for project in there:
        known.add(project.facts)
    _add_sources(there, clients, known)
    if clients.rdap is not None:
        _add_domains(there, clients)
    return projects


def ask_repositories(
    wanted: Sequence[Wanted], clients: Clients, known: Known
) -> Iterator[tuple[Wanted, ProjectFacts | NotHad]]:
    """Every repository of the Hub, or why it could not be had; then each owner once."""
    hub = clients.hub
    if hub is None:
        return
    found = _each(lambda one: of_repository(one, hub, known), wanted)
    facts = [one for one in found if not isinstance(one, NotHad)]
    for asked_for, had in zip(wanted, found, strict=True):
        if not isinstance(had, NotHad):
            known.add_own(asked_for, had)
    names = sorted({one["owner"] for one in facts if one["owner"]})
    accounts = dict(zip(names, _each(hub.account, names), strict=True))
    for one in facts:
        if one["owner"]:
            account, asked = accounts[one["owner"]]
            one["asked"] += asked
            add_owner(one, account)
    yield from zip(wanted, found, strict=True)


def _add_dependencies(projects: Sequence[PythonProject], index: ProjectIndex) -> None:
    """How old dependencies are: of the subject's own packages it is known, of new ones asked."""
    created = {project.wanted.name: project.facts["created"] for project in projects}
    strangers = sorted(
        {n for project in projects for n in new_requirements(project)} - set(created)
    )
    answers = _each(index.project, strangers[:MAX_STRANGERS])
    for name, answer in zip(strangers, answers, strict=False):
        created[name] = _first_upload(name, answer)
    for project in projects:
        add_dependencies(project, created)
        theirs = set(new_requirements(project))
        project.facts["asked"] += [
            asked for answer in answers if answer.name in theirs for asked in answer.asked
        ]


def _first_upload(name: str, answer: IndexProject) -> str:
    return of_answer(Wanted(name, "pypi", name), answer, None).facts["created"]


def _add_sources(projects: Sequence[PythonProject], clients: Clients, known: Known) -> None:
    attested: dict[str, tuple[str, ...]] = {}
    deps_dev, forge = clients.deps_dev, clients.forge
    if deps_dev is not None:
        told = _each(lambda project: ask_deps_dev(project, deps_dev), projects)
        for project, (repositories, raw) in zip(projects, told, strict=True):
            attested[project.wanted.about] = repositories
            project.raw += raw
    if forge is None and clients.scorecards is None:
        return
    sources = [source_of(one, attested.get(one.wanted.about, ())) for one in projects]
    names = sorted({name for name in sources if name})
    found = _each(lambda name: ask_source(name, forge, clients.scorecards), names)
    answers = dict(zip(names, found, strict=True))
    for project, source in zip(projects, sources, strict=True):
        if source:
            fold(project, answers[source])
            project.raw += answers[source].raw
    if forge is None:
        return

    def commits(project: PythonProject) -> list[Digest]:
        raw = ask_commits(project, forge)
        package = known.in_use(project.facts)
        used = project.release(project.facts["release"])
        if package is not None and used is not None:
            tree, more = tree_of(project, forge)
            raw += more
            used["differs"] = differing(package, tree) if tree is not None else None
        return raw

    for project, raw in zip(projects, _each(commits, projects), strict=True):
        project.raw += raw


def _add_domains(projects: Sequence[PythonProject], clients: Clients) -> None:
    rdap = clients.rdap
    if rdap is None:
        return
    names = sorted({name for project in projects for name in project.mails or ()})[:MAX_DOMAINS]
    found = dict(zip(names, _each(rdap.domain, names), strict=True))
    for project in projects:
        if project.mails is None or not found.keys() >= set(project.mails):
            continue
        project.facts["domains"] = [found[name][0] for name in project.mails]
        for name in project.mails:
            project.facts["asked"] += found[name][1]


def _each(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """The results in the order of the items."""
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(work, items))
