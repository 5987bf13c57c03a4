"""One service that answers GET with JSON: what it said, that it has none, or why nobody knows.

Three states, of which the last two never mix: ``observed``; ``absent``, the service was asked and
says that there is none; ``unavailable``, no usable answer came. Whatever a service sends ends in
one of them, never in an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest
from weighbridge.model.errors import HostileInput
from weighbridge.sources.http import HttpClient, RateLimited, Response, SourceUnavailable
from weighbridge.sources.wording import shown

MAX_ANSWER = 8 * 2**20
_GIVE_UP_AFTER = 3  # questions in a row without an answer
_NO_HEADERS: Mapping[str, str] = {}

State = Literal["observed", "absent", "unavailable"]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Answer(Generic[Value]):
    """What one service said to one question.

    ``value`` is there exactly where ``state`` is ``observed``, ``reason`` exactly where it is not.
    ``url`` is the address that was asked, without credentials and query. ``raw`` are the digests of
    the stored answers, of unusable ones too.
    """

    state: State
    reason: str = ""
    url: str = ""
    raw: tuple[Digest, ...] = ()
    value: Value | None = None


def not_found(response: Response) -> str:
    """The usual reason for "there is none": 404 and 410; empty for every other status."""
    return f"it has none ({response.status})" if response.status in (404, 410) else ""


class JsonService:
    """One service at one address.

    Args:
        address: with scheme and host; a path may follow (``https://forge.example/api/v3``).
        headers: go along with every question. They may hold a token.
        most: questions, after which it is not asked again.
    """

    def __init__(
        self,
        http: HttpClient,
        address: str,
        *,
        headers: Mapping[str, str] = _NO_HEADERS,
        most: int = 2_000,
    ) -> None:
        self._http = http
        self._base = address.strip().rstrip("/")
        self._headers = {"Accept": "application/json", **headers}
        self._most = most
        self._failures: list[str] = []
        self._limited = False
        self._trouble = ""  # the last failure: several threads may ask, and one clears the list
        self.name = shown(self._base)
        self.requests = 0

    def ask(
        self,
        path: str,
        read: Callable[[Any, Response], Value],
        *,
        absent: Callable[[Response], str] = not_found,
        max_bytes: int = MAX_ANSWER,
    ) -> Answer[Value]:
        """GET ``<address><path>``.

        Args:
            path: begins with a slash, quoted; a query may follow.
            read: makes the value of the parsed JSON; what is not as promised raises HostileInput.
            absent: why an answer that is not 200 says that there is none; empty: it does not.
        """
        url = visible(f"{self.name}{path.partition('?')[0]}", 400)
        if self._limited or len(self._failures) >= _GIVE_UP_AFTER:
            return Answer("unavailable", self._trouble, url)
        if self.requests >= self._most:
            return Answer("unavailable", f"{self.name} was asked {self._most} times already", url)
        self.requests += 1
        try:
            response = self._http.get(self._base + path, headers=self._headers, max_bytes=max_bytes)
        except SourceUnavailable as error:
            trouble = self._trouble = _one_for_all(error, url, self.name)
            self._limited = self._limited or isinstance(error, RateLimited)
            self._failures.append(trouble)
            raw = (error.raw,) if isinstance(error, RateLimited) and error.raw else ()
            return Answer("unavailable", trouble, url, raw)
        self._failures.clear()
        raw = (response.digest,) if response.digest is not None else ()
        try:
            if response.status != 200:
                why = absent(response)
                state: State = "absent" if why else "unavailable"
                return Answer(state, f"{self.name}: {why or _status(response)}", url, raw)
            body = load_json(response.body, source="its answer", max_bytes=max_bytes)
            return Answer("observed", "", url, raw, read(body, response))
        except HostileInput as error:
            odd = f"{self.name} gave no usable answer: {visible(error.message, 200)}"
            return Answer("unavailable", odd, url, raw)


def _status(response: Response) -> str:
    status = response.status
    if status == 401:
        return "it does not accept the credentials, or wants some (401)"
    if status == 403:
        return "it refuses to tell (403)"
    return f"it answered with the status {status}"


def _one_for_all(error: SourceUnavailable, url: str, name: str) -> str:
    """The reason without the address of this one question, and with what to do about it."""
    message = visible(error.message.replace(url, name), 400)
    return f"{message}. {error.remedy}" if isinstance(error, RateLimited) else message
