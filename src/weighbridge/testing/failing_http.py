"""A service on the loopback interface that can fail in every way a service does.

Subclasses say what an honest answer is; the mode says what becomes of it on its way.
"""

from __future__ import annotations

import abc
import contextlib
import enum
import gzip
import itertools
import json
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

_BOMB_BYTES = 64 * 2**20  # what the compressed answer would become
_HUGE = 2**30
_TRICKLE_SECONDS = 0.02  # between two bytes


class Mode(enum.StrEnum):
    """How the service behaves."""

    HONEST = "honest"
    EMPTY = "empty"  # knows nothing of anything
    NOT_FOUND = "404"
    ERROR = "500"
    HTML = "html"  # a captive portal: status 200 and a web page
    HALF = "half"  # the declared length, half the bytes
    SLOW = "slow"
    TRICKLE = "trickle"  # a byte now and then, without end
    DROP = "drop"  # closes the connection without an answer
    REDIRECT = "redirect"  # to another host
    GZIP_BOMB = "gzip-bomb"  # compressed, though it was asked not to
    LABELLED_HTML = "labelled-html"  # the honest answer under another content type
    SHORT = "short"  # leaves out the last row of a batch
    ENDLESS = "endless"  # a next page for ever
    NO_DETAILS = "no-details"  # names advisories and does not have them
    WRONG_DETAIL = "wrong-detail"  # answers every id with another advisory
    NO_ROWS = "no-rows"  # only a page token at the top, as seen in the wild
    FORBIDDEN = "403"  # and does not say why
    LIMITED = "limited"  # 403: nothing is left of the hour's answers, as GitHub says it
    BUSY = "429"  # with the Retry-After of the service, if it has one
    HUGE = "huge"  # a gigabyte is announced, and sent
    WRONG_TYPES = "wrong-types"  # the honest answer, with numbers for texts and texts for the rest
    ECHO = "echo"  # sends back what it was asked with, credentials too


class FailingService(abc.ABC):
    """A context manager. ``url`` is its address, ``requests`` what it was sent.

    ``headers`` are those of each request, with names in lower case. ``retry_after`` and ``reset``
    say when a service that was asked too often answers again. With ``adds_fields`` every object of
    an honest answer has a field more.
    """

    def __init__(self, *, mode: Mode = Mode.HONEST, delay_seconds: float = 1.0) -> None:
        self.mode = mode
        self.delay_seconds = delay_seconds
        self.requests: list[tuple[str, str, Any]] = []
        self.headers: list[Mapping[str, str]] = []
        self.adds_fields = False
        self.retry_after = "3600"
        self.reset = 4_102_444_800  # the first second of 2100
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="failing-service", daemon=True
        )

    @property
    def url(self) -> str:
        """``http://127.0.0.1:port``."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @abc.abstractmethod
    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """The honest answer to one request: status and JSON."""

    def more_headers(self, path: str) -> Mapping[str, str]:
        """Headers of the honest answer. With an ``ETag`` it is 304 to whoever names that."""
        return {}

    def empty(self, path: str, body: Any) -> Any:
        """The answer of a service that knows of nothing."""
        return {}


def _refused(service: FailingService) -> tuple[int, bytes, str]:
    """An answer that refuses for the caller's sake: no right to it, or too often."""
    body = b'{"message": "no"}'
    if service.mode is Mode.LIMITED:
        return 403, body, f"X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: {service.reset}\r\n"
    if service.mode is Mode.BUSY:
        later = f"Retry-After: {service.retry_after}\r\n" if service.retry_after else ""
        return 429, body, later
    return 403, body, ""


def more_fields(answer: Any) -> Any:
    """The same with a field more in every object, as a service's next version may have it."""
    if isinstance(answer, dict):
        return {**{k: more_fields(v) for k, v in answer.items()}, "unheard_of": {"a": [1, None]}}
    return [more_fields(item) for item in answer] if isinstance(answer, list) else answer


def wrong_types(answer: Any) -> Any:
    """The same shape with a number for each text and a text for everything else."""
    if isinstance(answer, dict):
        return {key: wrong_types(value) for key, value in answer.items()}
    if isinstance(answer, list):
        return [wrong_types(item) for item in answer]
    return 7 if isinstance(answer, str) else "seven"


def _shaped(service: FailingService, method: str, path: str, body: Any) -> tuple[int, bytes, str]:
    """Status, body and further headers of an answer, as the mode has it."""
    mode = service.mode
    status, answer = service.answer(method, path, body)
    if mode is Mode.EMPTY:
        return 200, json.dumps(service.empty(path, body)).encode(), ""
    if mode in (Mode.NOT_FOUND, Mode.ERROR):
        return int(mode), b'{"message": "no"}', ""
    if mode is Mode.HTML:
        return 200, b"<!doctype html><title>Sign in</title>", ""
    if mode is Mode.REDIRECT:
        return 302, b"", "Location: http://elsewhere.invalid/\r\n"
    if mode in (Mode.FORBIDDEN, Mode.LIMITED, Mode.BUSY):
        return _refused(service)
    if service.adds_fields:
        answer = more_fields(answer)
    if mode is Mode.WRONG_TYPES:
        answer = wrong_types(answer)
    if mode is Mode.ECHO:
        return 200, json.dumps(dict(service.headers[-1])).encode(), ""
    if mode is Mode.GZIP_BOMB:
        return 200, gzip.compress(bytes(_BOMB_BYTES), 9), "Content-Encoding: gzip\r\n"
    told = service.more_headers(path)
    if told.get("ETag", "") == service.headers[-1].get("if-none-match", "none"):
        status, answer = 304, None
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return status, b"" if status == 304 else json.dumps(answer).encode(), lines


def _pieces(service: FailingService) -> Iterator[bytes]:
    """An answer that is too long, or takes too long."""
    if service.mode is Mode.HUGE:
        yield f"HTTP/1.1 200 x\r\nContent-Length: {_HUGE}\r\n\r\n".encode()
        yield from itertools.repeat(b" " * 2**20, _HUGE // 2**20)
        return
    yield b"HTTP/1.1 200 x\r\nContent-Type: application/json\r\n\r\n{"
    while not service.closing.wait(_TRICKLE_SECONDS):
        yield b" "


def _handler(service: FailingService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve(None)

        def do_POST(self) -> None:
            self._serve(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _serve(self, body: Any) -> None:
            service.requests.append((self.command, self.path, body))
            service.headers.append({name.lower(): value for name, value in self.headers.items()})
            mode = service.mode
            if mode is Mode.DROP:
                self.close_connection = True
                return
            if mode is Mode.SLOW:
                time.sleep(service.delay_seconds)
            if mode in (Mode.TRICKLE, Mode.HUGE):
                self.close_connection = True
                with contextlib.suppress(ConnectionError):
                    for piece in _pieces(service):
                        self.wfile.write(piece)
                return
            status, data, more = _shaped(service, self.command, self.path, body)
            self._send(status, data, more, half=mode is Mode.HALF)

        def _send(self, status: int, data: bytes, more: str, *, half: bool) -> None:
            # Header and body in one write: two would wait for each other's acknowledgement.
            kind = "text/html" if service.mode is Mode.LABELLED_HTML else "application/json"
            head = (
                f"HTTP/1.1 {status} x\r\nContent-Type: {kind}\r\n"
                f"Content-Length: {len(data)}\r\n{more}\r\n"
            )
            # A client that refuses the answer closes the connection before it is written.
            with contextlib.suppress(ConnectionError):
                self.wfile.write(head.encode() + (data[: len(data) // 2] if half else data))
            self.close_connection = half

        def log_message(self, *_args: object) -> None:
            """Nothing is printed."""

    return Handler
