"""Questions to a service, each with the record of what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from weighbridge.edge.text import visible
from weighbridge.model.facts.project import AskedFacts
from weighbridge.sources.http import HttpClient, Response
from weighbridge.sources.json_service import Answer, JsonService, not_found

MAX_REQUESTS = 10_000


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one question. ``body`` is JSON, None unless ``observed``."""

    asked: AskedFacts
    body: Any = None
    headers: Mapping[str, str] | None = None
    status: int = 200

    @property
    def observed(self) -> bool:
        """Whether JSON came."""
        return self.asked["state"] == "observed"

    @property
    def absent(self) -> bool:
        """Whether the service says that there is no such thing."""
        return self.asked["state"] == "absent"

    def refused(self, reason: str) -> Reply:
        """The same reply, taken back: JSON came, and it is no answer to the question."""
        changed: AskedFacts = {
            **self.asked, "state": "unavailable", "reason": visible(reason, 400)
        }  # fmt: skip
        return replace(self, asked=changed, body=None)


class Questions:
    """One service, by several threads at a time. ``name`` is it for messages."""

    def __init__(self, http: HttpClient, base: str, headers: Mapping[str, str]) -> None:
        self._service = JsonService(http, base, headers=headers, most=MAX_REQUESTS)
        self.base = base
        self.name = self._service.name

    def ask(self, what: str, path: str, *, max_bytes: int) -> Reply:
        """Ask for ``path`` below the base: it begins with a slash, its parts are quoted."""
        statuses: list[int] = []

        def absent(response: Response) -> str:
            statuses.append(response.status)
            return not_found(response)

        answer = self._service.ask(
            path, lambda body, response: (body, response), absent=absent, max_bytes=max_bytes
        )
        kept = record(what, answer)
        if answer.value is None:
            return Reply(kept, status=statuses[0] if statuses else 0)
        body, response = answer.value
        return Reply(kept, body, response.headers)


def record(what: str, answer: Answer[Any]) -> AskedFacts:
    """What was asked and what came of it; ``what`` as :class:`AskedFacts` names it."""
    digest = str(answer.raw[-1]) if answer.raw else ""
    return AskedFacts(
        what=what, url=answer.url, state=answer.state, reason=answer.reason, digest=digest
    )


def words(value: object, limit: int = 200) -> str:
    """A text of an answer, safe to show; empty where it is none."""
    return visible(value, limit) if isinstance(value, str) else ""
