"""Asking a Hugging Face Hub, or a mirror of one, for a repository's card.

``GET <hub>/api/models/<id>[/revision/<revision>]`` (``/api/datasets/…`` for datasets) tells the
commit and the Hub's own reading of the card; ``GET <hub>/<id>/resolve/<commit>/README.md`` is the
card. Source: the interface as ``huggingface_hub`` uses it (``HfApi.model_info``, ``hf_hub_url``).

The Hub names what is wrong in ``X-Error-Code`` (``hf_raise_for_status``): ``RepoNotFound``,
``RevisionNotFound``, ``EntryNotFound``, ``GatedRepo``. To a caller without a token it answers 401
for a private repository and for one that is not there alike, so only a 404 means that it is gone.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest
from weighbridge.model.errors import ConfigurationError, HostileInput
from weighbridge.sources.http import HttpClient, RateLimited, Response, SourceUnavailable
from weighbridge.sources.tokens import hub_headers
from weighbridge.sources.wording import shown

CONFIGURED = "hub"  # in place of an address: the one that huggingface_hub would ask
MAX_REQUESTS = 200
MAX_CARD = 4 * 2**20  # bytes of one README.md
MAX_ANSWER = 4 * 2**20
_GIVE_UP_AFTER = 3
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_CLIENT = "huggingface_hub.constants"

Kind = Literal["models", "datasets"]
State = Literal["read", "vanished", "unavailable", "cut"]


@dataclass(frozen=True, slots=True)
class HubAnswer:
    """What the Hub said of one repository.

    ``state`` is ``read`` where its card or, without one, its entry was had; ``vanished`` where the
    Hub says that it, or the revision, is not there; ``cut`` where it was not asked because too many
    others were. ``why`` is a reason for all but ``read``. ``commit`` is what the revision stands
    for, empty where it was not told. ``card`` are the bytes of README.md, None where there is none
    or it could not be had. ``tags`` and ``pipeline_tag`` are the Hub's own reading, which is there
    for gated repositories, too. ``raw`` are the digests of the answers.
    """

    state: State
    why: str = ""
    commit: str = ""
    card: bytes | None = None
    tags: tuple[str, ...] = ()
    pipeline_tag: str = ""
    raw: tuple[Digest, ...] = ()


def configured_hub() -> str:
    """The address that ``huggingface_hub`` would ask: ``HF_ENDPOINT``, else its own constant.

    Raises:
        ConfigurationError: neither is there.
    """
    named = os.environ.get("HF_ENDPOINT", "").strip()
    if named:
        return named
    try:
        return str(importlib.import_module(_CLIENT).ENDPOINT)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            "which hub to ask is not known: HF_ENDPOINT is not set, and the client library that "
            "knows the default is not installed",
            remedy="Give the hub's address: --hub-url https://….",
        ) from error


class _Answered(Exception):
    """The question is settled with this answer."""

    def __init__(self, state: State, why: str) -> None:
        super().__init__(why)
        self.state: State = state
        self.why = why


class HubClient:
    """One hub. A token of ``HF_TOKEN`` goes along over https, or to this machine itself."""

    def __init__(self, http: HttpClient, address: str) -> None:
        self._http = http
        base = configured_hub() if address == CONFIGURED else address
        self._base = base.strip().rstrip("/")
        self.name = shown(self._base)
        self._headers = _credentials(self._base)
        self.requests = 0
        self._failures: list[str] = []

    def ask(self, kind: Kind, repo_id: str, revision: str = "") -> HubAnswer:
        """The card of a repository at a revision, its main branch where that is empty."""
        if len(self._failures) >= _GIVE_UP_AFTER:
            return HubAnswer("unavailable", self._failures[-1])
        raw: list[Digest] = []
        try:
            entry = self._entry(kind, repo_id, revision, raw)
        except _Answered as answer:
            return HubAnswer(answer.state, answer.why, raw=tuple(raw))
        commit = entry.get("sha")
        commit = commit if isinstance(commit, str) and _COMMIT.match(commit) else ""
        tags = entry.get("tags")
        words = [t[:500] for t in tags if isinstance(t, str)] if isinstance(tags, list) else []
        task = entry.get("pipeline_tag")
        state: State = "read"
        why, card = "", None
        try:
            card = self._card(kind, repo_id, commit or revision or "main", raw)
        except _Answered as answer:
            state, why = answer.state, answer.why
        return HubAnswer(
            state,
            why,
            commit,
            card,
            tuple(words[:500]),
            task[:100] if isinstance(task, str) else "",
            tuple(raw),
        )

    def _entry(self, kind: Kind, repo_id: str, revision: str, raw: list[Digest]) -> dict[str, Any]:
        path = f"/api/{kind}/{quote(repo_id, safe='/')}"
        if revision:
            path += f"/revision/{quote(revision, safe='')}"
        response = self._get(path, "application/json", MAX_ANSWER, raw)
        self._refused(response)
        try:
            entry = load_json(response.body, source="its answer")
        except HostileInput as error:
            raise self._odd(visible(error.message, 200)) from error
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            raise self._odd("it does not describe a repository")
        return entry

    def _card(self, kind: Kind, repo_id: str, revision: str, raw: list[Digest]) -> bytes | None:
        folder = "" if kind == "models" else "/datasets"
        path = f"{folder}/{quote(repo_id, safe='/')}/resolve/{quote(revision, safe='')}/README.md"
        response = self._get(path, "text/plain, */*", MAX_CARD, raw)
        if response.status == 404 and response.headers.get("x-error-code") == "EntryNotFound":
            return None
        self._refused(response)
        if _is_page(response.body):
            raise self._odd("a web page came in place of the card")
        return response.body

    def _get(self, path: str, accept: str, limit: int, raw: list[Digest]) -> Response:
        """One answer of any status; the client waits where the service asks for a short wait.

        Raises:
            _Answered: no whole answer came, too many were asked for, or the wait would be long.
        """
        headers = {**self._headers, "Accept": accept}
        if self.requests >= MAX_REQUESTS:
            raise _Answered("cut", f"the hub was asked {MAX_REQUESTS} times already")
        self.requests += 1
        try:
            response = self._http.get(f"{self._base}{path}", headers=headers, max_bytes=limit)
        except RateLimited as error:
            raw += [error.raw] if error.raw is not None else []
            self._failures += [error.message] * _GIVE_UP_AFTER
            raise _Answered("unavailable", error.message) from error
        except SourceUnavailable as error:
            # The address in the message has the repository's name; the reason is one for all.
            message = visible(error.message.replace(f"{self.name}{path}", self.name), 400)
            self._failures.append(message)
            raise _Answered("unavailable", message) from error
        if response.digest is not None:
            raw.append(response.digest)
        self._failures.clear()
        return response

    def _refused(self, response: Response) -> None:
        """Raise what a status other than 200 means."""
        status, code = response.status, response.headers.get("x-error-code", "")
        if status == 200:
            return
        if code == "GatedRepo":
            raise _Answered(
                "unavailable", f"gated: {self.name} gives it to approved users ({status})"
            )
        if status in (401, 403):
            raise _Answered(
                "unavailable",
                f"{self.name} answers {status}: it is gated or private, or it is not there",
            )
        if status in (404, 410):
            what = "revision" if code == "RevisionNotFound" else "repository"
            raise _Answered("vanished", f"{self.name} has no such {what} ({status})")
        raise self._odd(f"the status {status}")

    def _odd(self, what: str) -> _Answered:
        return _Answered("unavailable", f"{self.name} gave no usable answer: {what}")


def _credentials(base: str) -> Mapping[str, str]:
    """The token as a header. Over plain http it would be there to read for whoever listens."""
    return hub_headers(base)


def _is_page(body: bytes) -> bool:
    """A captive portal's page. Cards may begin with an element of HTML, never with a document."""
    start = body[:200].lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html"))
