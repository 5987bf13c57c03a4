"""A service on the loopback interface that can fail in every way a service does.

Subclasses say what an honest answer is; the mode says what becomes of it on its way.
"""

from __future__ import annotations

import abc
import contextlib
import enum
import gzip
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

_BOMB_BYTES = 64 * 2**20  # what the compressed answer would become
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


class FailingService(abc.ABC):
    """A context manager. ``url`` is its address, ``requests`` what it was sent."""

    def __init__(self, *, mode: Mode = Mode.HONEST, delay_seconds: float = 1.0) -> None:
        self.mode = mode
        self.delay_seconds = delay_seconds
        self.requests: list[tuple[str, str, Any]] = []
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

    def empty(self, path: str, body: Any) -> Any:
        """The answer of a service that knows of nothing."""
        return {}


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
    if mode is Mode.GZIP_BOMB:
        return 200, gzip.compress(bytes(_BOMB_BYTES), 9), "Content-Encoding: gzip\r\n"
    return status, json.dumps(answer).encode(), ""


def _handler(service: FailingService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve(None)

        def do_POST(self) -> None:
            self._serve(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _serve(self, body: Any) -> None:
            service.requests.append((self.command, self.path, body))
            mode = service.mode
            if mode is Mode.DROP:
                self.close_connection = True
                return
            if mode is Mode.SLOW:
                time.sleep(service.delay_seconds)
            if mode is Mode.TRICKLE:
                self._trickle()
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

        def _trickle(self) -> None:
            self.close_connection = True
            with contextlib.suppress(ConnectionError):
                self.wfile.write(b"HTTP/1.1 200 x\r\nContent-Type: application/json\r\n\r\n{")
                while not service.closing.wait(_TRICKLE_SECONDS):
                    self.wfile.write(b" ")

        def log_message(self, *_args: object) -> None:
            """Nothing is printed."""

    return Handler
