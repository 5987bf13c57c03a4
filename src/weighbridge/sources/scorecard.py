"""Asking OpenSSF Scorecard what it last found in a repository.

``GET <address>/projects/github.com/<owner>/<name>`` gives the last weekly result (Scorecard's
``openapi.yaml``, and its JSON format 2). It says how tidy a project is, not whether it was
hijacked: Ultralytics and TanStack had fine scores. So it is shown, and never counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import Any

from weighbridge.sources.http import HttpClient, Response
from weighbridge.sources.json_service import Answer, JsonService
from weighbridge.sources.shapes import Misshapen, inner, named, number, rows, table, text

SCORECARD = "https://api.scorecard.dev"
INCONCLUSIVE = -1  # the score of a check that could not be made
MAX_CHECKS = 200
_REPOSITORY = re.compile(
    r"(github\.com|gitlab\.com)/[A-Za-z0-9][A-Za-z0-9_-]{0,99}/(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,100}\Z"
)
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ][0-9:.]{5,18}(?:Z|[+-][0-9:]{5})?)?\Z")


@dataclass(frozen=True, slots=True)
class Check:
    """One check. ``score`` is 0 to 10, -1 where it could not be made."""

    name: str
    score: int
    reason: str


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The last result. ``date`` is its day, ``commit`` what was looked at, ``score`` 0 to 10."""

    repository: str
    commit: str
    date: str
    version: str
    score: float
    checks: tuple[Check, ...]


class ScorecardClient:
    """One service."""

    def __init__(self, http: HttpClient, address: str = SCORECARD) -> None:
        self._service = JsonService(http, address)
        self.name = self._service.name

    def ask(self, repository: str) -> Answer[Scorecard]:
        """The last result for a repository, named with its host: ``github.com/owner/name``."""
        if not _REPOSITORY.match(repository):
            return Answer("unavailable", f"it was not asked: {repository[:200]!r} is no repository")
        read = partial(_scorecard, asked=repository)
        return self._service.ask(f"/projects/{repository}", read, absent=_not_scored)


def _scorecard(body: Any, _response: Response, *, asked: str) -> Scorecard:
    entry = table(body, "its answer")
    about = inner(entry, "repo")
    name = named(about, "name")
    if name.casefold() != asked.casefold():
        raise Misshapen(f"it answered with another repository, {name}")
    day = _DAY.match(text(entry, "date", 60))
    if day is None:
        raise Misshapen("its field 'date' is no day")
    checks = rows(entry.get("checks"), "its checks", MAX_CHECKS)
    return Scorecard(
        name,
        text(about, "commit", 80),
        day[1],
        text(inner(entry, "scorecard"), "version", 60),
        number(entry, "score", INCONCLUSIVE, 10),
        tuple(
            Check(
                named(row, "name", 100), int(number(row, "score", INCONCLUSIVE, 10)),
                text(row, "reason"),
            )
            for row in checks
        ),
    )  # fmt: skip


def _not_scored(response: Response) -> str:
    return f"it has not looked at this repository ({response.status})" if (
        response.status in (404, 410)
    ) else ""  # fmt: skip
