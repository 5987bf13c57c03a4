"""Who keeps the projects that the subject stands on, and how they release: one evidence a project.

Asked are the package index, the Hub, a forge, Scorecard, deps.dev and RDAP, each only where its
address is configured. What nobody could be asked is untold (``None``), and ``asked`` says why. Of a
package that is installed its files tell something, even where nobody could be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from weighbridge.collect.context import CollectContext
from weighbridge.collect.project_asking import ask_packages, ask_repositories
from weighbridge.collect.project_clients import Clients
from weighbridge.collect.project_hub import NotHad
from weighbridge.collect.project_known import Known
from weighbridge.collect.project_wanted import (
    MAX_PACKAGES,
    MAX_REPOSITORIES,
    Wanted,
    unread,
    wanted,
)
from weighbridge.model.digest import Digest
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.project import AskedFacts, ProjectFacts
from weighbridge.sources.http import HttpClient
from weighbridge.sources.http_cache import HttpCache

NAME = "projects"
KINDS: tuple[EvidenceKind, ...] = (EvidenceKind.PROJECT,)
_COLLECTOR = f"{NAME}@1"
_OFFLINE = "offline: nobody was asked who keeps it"
_NOTHING = "the subject names no package of an index and no repository of a Hub"
_UNKNOWN = "the package index does not know it: it was deleted, quarantined, or never there"


def collect(ctx: CollectContext) -> Iterator[Evidence]:
    """One a project; one a source of packages that could not be read."""
    found, missing = wanted(ctx), tuple(unread(ctx))
    for one in missing:
        yield _without(one.about, EvidenceState.UNAVAILABLE, "packages", one.reason)
    if not found and not missing:
        yield _without("", EvidenceState.ABSENT, "subject", _NOTHING)
    if not found:
        return
    known = Known.of(ctx)
    if ctx.offline:
        yield from _alone(found, known, _OFFLINE)
        return
    answers = ctx.services.answers
    with HttpClient(
        offline=False,
        timeout_seconds=ctx.services.timeout_seconds,
        store=ctx.store.put,
        cache=HttpCache(answers) if answers is not None else None,
    ) as http:
        clients = Clients.of(ctx.services, http)
        yield from _packages([one for one in found if one.system == "pypi"], clients, known)
        others = [one for one in found if one.system == "huggingface"]
        yield from _repositories(others, clients, known)


def _packages(found: list[Wanted], clients: Clients, known: Known) -> Iterator[Evidence]:
    index = clients.index
    if index is None:
        yield from _alone(found, known, clients.no_index)
        return
    for project in ask_packages(found[:MAX_PACKAGES], index, clients, known):
        if project.answered:
            yield _observed(project.wanted.about, index.name, project.facts, project.raw)
        elif project.answer.gone:
            raw = _raw(project.facts["asked"])
            about = project.wanted.about
            yield _without(about, EvidenceState.ABSENT, index.name, _UNKNOWN, raw)
        else:
            yield from _alone([project.wanted], known, project.answer.reason)
    too_many = f"more than {MAX_PACKAGES} packages are too many to ask about"
    yield from _alone(found[MAX_PACKAGES:], known, too_many)


def _repositories(found: list[Wanted], clients: Clients, known: Known) -> Iterator[Evidence]:
    if clients.hub is None:
        yield from _alone(found, known, clients.no_hub)
        return
    for one, facts in ask_repositories(found[:MAX_REPOSITORIES], clients, known):
        if isinstance(facts, NotHad):
            state = EvidenceState(facts.asked["state"])
            raw = _raw([facts.asked])
            yield _without(one.about, state, clients.hub.name, facts.asked["reason"], raw)
        else:
            yield _observed(one.about, clients.hub.name, facts)
    too_many = f"more than {MAX_REPOSITORIES} repositories are too many to ask about"
    yield from _alone(found[MAX_REPOSITORIES:], known, too_many)


def _alone(found: Iterable[Wanted], known: Known, reason: str) -> Iterator[Evidence]:
    """Projects that nobody could be asked about, with what is known of them all the same."""
    for one in found:
        facts = known.alone(one, reason)
        if facts is None:
            yield _without(one.about, EvidenceState.UNAVAILABLE, "projects", reason)
        else:
            yield _observed(one.about, "installation", facts)


def _observed(
    about: str, source: str, facts: ProjectFacts, more: Iterable[Digest] = ()
) -> Evidence:
    raw = tuple(sorted({*_raw(facts["asked"]), *more}))
    state = EvidenceState.OBSERVED
    return Evidence(EvidenceKind.PROJECT, about, state, source, _COLLECTOR, data={**facts}, raw=raw)


def _without(
    about: str, state: EvidenceState, source: str, reason: str, raw: tuple[Digest, ...] = ()
) -> Evidence:
    return Evidence(EvidenceKind.PROJECT, about, state, source, _COLLECTOR, reason, raw=raw)


def _raw(asked: Iterable[AskedFacts]) -> tuple[Digest, ...]:
    return tuple(sorted({Digest.parse(one["digest"]) for one in asked if one["digest"]}))
