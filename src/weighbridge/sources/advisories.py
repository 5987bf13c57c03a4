"""Security advisories for Python packages, from a service, an index or a local database.

How the work is divided, and why:

* *Asking* is ours (:mod:`~weighbridge.sources.osv`, :mod:`~weighbridge.sources.package_index`,
  :mod:`~weighbridge.sources.osv_database`). pip-audit 2.10 sends one request a package,
  one after the other, through a session of its own with a cache on disk; it ignores
  ``next_page_token``, ends in a traceback on an HTML answer or a dropped connection with the exit
  status that also means "vulnerable", takes a 404 for clean, has no local database and keeps no
  raw answer. Ours goes through the one HTTP client, in batches, and not at all when the run is
  offline.
* *Reading* advisories is pip-audit's (:mod:`~weighbridge.sources.pip_audit_reading`): which ones
  count, which version repairs them, which names mean the same one.
* Packages of other ecosystems, which a package carries inside it, are asked for by package URL and
  read by :mod:`~weighbridge.sources.osv_other`.
* What pip-audit would leave out without a word (an advisory of another schema, one that does not
  list what it affects) is a failure here, so the package ends as not assessed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest
from weighbridge.model.errors import HostileInput
from weighbridge.sources.advisory import Advisory
from weighbridge.sources.http import HttpClient
from weighbridge.sources.osv import OsvClient, PackageVersion, RawAnswer
from weighbridge.sources.osv_database import MAX_AGE_DAYS, OsvDatabase
from weighbridge.sources.osv_other import read_other
from weighbridge.sources.package_index import CONFIGURED, PackageIndex, configured_index
from weighbridge.sources.pip_audit_reading import pip_audit_service, read_index, read_osv

__all__ = [
    "Advisory", "AdvisorySource", "Answer", "DatabaseSource", "IndexSource", "Source",
    "pip_audit_service",
]  # fmt: skip


_OTHERS = "the OSV database is searched for packages of PyPI only"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of one package. ``failure`` says why nothing may be concluded.

    ``known``: whether the source has the package at all, None where that cannot be told. ``as_of``
    is the day of a database's newest record, empty for a service.
    """

    advisories: tuple[Advisory, ...] = ()
    withdrawn: tuple[str, ...] = ()
    raw: tuple[Digest, ...] = ()
    failure: str = ""
    known: bool | None = None
    as_of: str = ""


class Source(Protocol):
    """Whoever knows of advisories. ``name`` is its address for the record."""

    @property
    def name(self) -> str:
        """Its address or what it is called."""
        ...

    def ask(self, packages: Iterable[PackageVersion]) -> dict[PackageVersion, Answer]:
        """An answer for every package; none is left out."""
        ...


class AdvisorySource:
    """Advisories from an OSV service.

    Args:
        http: offline or not, and where raw answers are stored.
        osv_url: the service; empty for the one that pip-audit asks by default.
    """

    def __init__(self, http: HttpClient, osv_url: str = "") -> None:
        self._osv = OsvClient(http, osv_url or str(pip_audit_service().OsvService.DEFAULT_OSV_URL))

    @property
    def name(self) -> str:
        """The service's address, for the record."""
        return self._osv.base_url

    def ask(self, packages: Iterable[PackageVersion]) -> dict[PackageVersion, Answer]:
        """An answer for every package; none is left out.

        Raises:
            NetworkForbidden: the client is offline.
        """
        return {p: _of_osv(p, found) for p, found in self._osv.ask(packages).items()}


class DatabaseSource:
    """Advisories from a local OSV database.

    What it knows of counts whatever its age. Where it knows of nothing and is too old or damaged,
    that is a failure.
    """

    name = "osv-database"

    def __init__(
        self,
        folder: Path,
        *,
        as_of: dt.date,
        max_age_days: int = MAX_AGE_DAYS,
        store: Callable[[bytes], Digest] | None = None,
    ) -> None:
        self._database = OsvDatabase(folder, as_of=as_of, max_age_days=max_age_days, store=store)

    def ask(self, packages: Iterable[PackageVersion]) -> dict[PackageVersion, Answer]:
        """An answer for every package; none is left out. Only those of PyPI are looked for."""
        wanted = set(packages)
        others = {package for package in wanted if package.purl}
        found = self._database.ask(wanted - others)
        answers = dict.fromkeys(others, Answer(failure=_OTHERS, as_of=found.newest))
        for package, raw in found.answers.items():
            answer = _of_osv(package, raw, found.newest)
            if found.gap and not answer.advisories:
                failure = answer.failure or found.gap
                answer = Answer(raw=raw.raw, failure=failure, as_of=found.newest)
            answers[package] = answer
        return answers


class IndexSource:
    """Advisories as a package index tells them of single releases.

    Args:
        http: as for :class:`AdvisorySource`.
        address: of its simple API; ``pip`` for the index that pip is configured with.
    """

    def __init__(self, http: HttpClient, address: str) -> None:
        self._index = PackageIndex(http, configured_index() if address == CONFIGURED else address)

    @property
    def name(self) -> str:
        """The index's address, without a password that it may hold."""
        return self._index.name

    def ask(self, packages: Iterable[PackageVersion]) -> dict[PackageVersion, Answer]:
        """An answer for every package; none is left out.

        Raises:
            NetworkForbidden: the client is offline.
        """
        answers = {}
        for package, found in self._index.ask(packages).items():
            answer = Answer(raw=found.raw, failure=found.failure, known=found.known)
            if not found.failure:
                try:
                    advisories, withdrawn = read_index(package, found.vulnerabilities)
                    answer = Answer(advisories, withdrawn, found.raw, known=found.known)
                except HostileInput as error:
                    failure = visible(error.message, 400)
                    answer = Answer(raw=found.raw, failure=failure, known=found.known)
            answers[package] = answer
        return answers


def _of_osv(package: PackageVersion, found: RawAnswer, as_of: str = "") -> Answer:
    if found.failure:
        return Answer(raw=found.raw, failure=found.failure, as_of=as_of)
    try:
        read = read_other if package.purl else read_osv
        advisories, withdrawn = read(package, found.advisories)
    except HostileInput as error:
        return Answer(raw=found.raw, failure=visible(error.message, 400), as_of=as_of)
    return Answer(advisories, withdrawn, found.raw, as_of=as_of)
