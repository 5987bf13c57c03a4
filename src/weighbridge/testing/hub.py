"""A stand-in for a Hugging Face Hub on the loopback interface, with the ways such a service fails.

    with FakeHub({"org/base": "---\\nlicense: mit\\n---\\n"}) as hub:
        audit(..., services=Services(hub=hub.url))

It speaks ``GET /api/models/<id>[/revision/<revision>]``, the same for datasets, and ``GET`` and
``HEAD`` of ``/<id>/resolve/<revision>/README.md``. ``huggingface_hub`` takes it for a hub.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from weighbridge.testing.failing_http import Mode

__all__ = ["FakeHub", "Mode"]

_TRICKLE_SECONDS = 0.02
_HUGE = 2**30


class FakeHub:
    """A context manager. ``url`` is its address, ``requests`` what it was asked.

    Args:
        cards: README.md by id; of a dataset by ``datasets/<id>``. An empty one is not there.
        gated: ids that are there and given to approved users only.
        renamed: ids that lead to others, with a redirect.
        tags: the Hub's own reading of a card, by id.
        token: without it the answer is 401, if one is set.
        busy: how many of the first requests are answered with 429; ``retry_after`` goes along.
        huge: a card of a gigabyte is announced, and sent.
    """

    def __init__(
        self,
        cards: Mapping[str, str],
        *,
        mode: Mode = Mode.HONEST,
        gated: tuple[str, ...] = (),
        renamed: Mapping[str, str] | None = None,
        tags: Mapping[str, list[str]] | None = None,
        token: str = "",
        busy: int = 0,
        retry_after: str = "0",
        huge: bool = False,
        delay_seconds: float = 1.0,
    ) -> None:
        self.cards = dict(cards)
        self.mode = mode
        self.gated = gated
        self.renamed = dict(renamed or {})
        self.tags = dict(tags or {})
        self.token = token
        self.busy = busy
        self.retry_after = retry_after
        self.huge = huge
        self.delay_seconds = delay_seconds
        self.requests: list[tuple[str, str]] = []
        self.credentials: list[str] = []
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="fake-hub", daemon=True
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

    def commit(self, key: str) -> str:
        """The commit of a repository's main branch."""
        return hashlib.sha1(f"{key}\0{self.cards[key]}".encode(), usedforsecurity=False).hexdigest()

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """The honest answer to one request: status, headers, body."""
        api = path.startswith(("/api/models/", "/api/datasets/"))
        rest = path.removeprefix("/api/").removeprefix("models/") if api else path[1:]
        key, _, revision = rest.partition("/revision/" if api else "/resolve/")
        if not api:
            revision, _, _name = revision.partition("/")
        if key in self.renamed:
            return 307, {"Location": path.replace(key, self.renamed[key], 1)}, b""
        if key not in self.cards:
            return _failed(404, "RepoNotFound", "Repository not found")
        if revision not in ("", "main", self.commit(key)):
            return _failed(404, "RevisionNotFound", "Invalid rev id")
        if api:
            return 200, {"Content-Type": "application/json"}, json.dumps(self._entry(key)).encode()
        if key in self.gated:
            return _failed(403, "GatedRepo", "Access to this model is restricted")
        if not path.endswith("/README.md") or not self.cards[key]:
            return _failed(404, "EntryNotFound", "Entry not found")
        body = self.cards[key].encode("utf-8", "surrogatepass")
        headers = {
            "ETag": f'"{hashlib.sha1(body, usedforsecurity=False).hexdigest()}"',
            "X-Repo-Commit": self.commit(key),
            "Content-Type": "text/plain; charset=utf-8",
        }
        return 200, headers, body

    def _entry(self, key: str) -> dict[str, Any]:
        name = key.removeprefix("datasets/")
        return {
            "_id": "000000000000000000000000",
            "id": name,
            "author": name.partition("/")[0],
            "sha": self.commit(key),
            "private": False,
            "gated": "manual" if key in self.gated else False,
            "disabled": False,
            "tags": self.tags.get(key, []),
            "siblings": [{"rfilename": "README.md"}] if self.cards[key] else [],
        }


def _failed(status: int, code: str, message: str) -> tuple[int, dict[str, str], bytes]:
    headers = {"X-Error-Code": code, "X-Error-Message": message, "Content-Type": "application/json"}
    return status, headers, json.dumps({"error": message}).encode()


def _shaped(hub: FakeHub, path: str) -> tuple[int, dict[str, str], bytes]:
    """The answer as the mode has it."""
    mode = hub.mode
    if mode is Mode.EMPTY:
        return 200, {"Content-Type": "application/json"}, b"{}"
    if mode in (Mode.NOT_FOUND, Mode.ERROR):
        return int(mode), {}, b"no"
    if mode is Mode.HTML:
        return 200, {"Content-Type": "text/html"}, b"<!doctype html><title>Sign in</title>"
    if mode is Mode.REDIRECT:
        return 302, {"Location": "http://elsewhere.invalid/"}, b""
    return hub.answer(path)


def _handler(hub: FakeHub) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"hub": hub})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: FakeHub

    def do_GET(self) -> None:
        self._serve(body=True)

    def do_HEAD(self) -> None:
        self._serve(body=False)

    def _serve(self, *, body: bool) -> None:
        hub, path = self.hub, self.path.partition("?")[0]
        hub.requests.append((self.command, path))
        hub.credentials.append(self.headers.get("Authorization", ""))
        if hub.mode is Mode.DROP:
            self.close_connection = True
            return
        if hub.mode is Mode.SLOW:
            time.sleep(hub.delay_seconds)
        if hub.mode is Mode.TRICKLE:
            self._trickle()
        elif hub.busy > 0:
            hub.busy -= 1
            self._send(429, {"Retry-After": hub.retry_after}, b"", body=body)
        elif hub.token and self.headers.get("Authorization") != f"Bearer {hub.token}":
            self._send(401, {}, b'{"error":"Invalid username or password."}', body=body)
        elif hub.huge and "/resolve/" in path:
            self._flood()
        else:
            self._send(*_shaped(hub, path), body=body)

    def _send(self, status: int, headers: dict[str, str], data: bytes, *, body: bool) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {status} x\r\n{lines}Content-Length: {len(data)}\r\n\r\n"
        half = self.hub.mode is Mode.HALF
        sent = data[: len(data) // 2] if half else data
        with contextlib.suppress(ConnectionError):
            self.wfile.write(head.encode() + (sent if body else b""))
        self.close_connection = half

    def _trickle(self) -> None:
        self.close_connection = True
        with contextlib.suppress(ConnectionError):
            self.wfile.write(b"HTTP/1.1 200 x\r\nContent-Type: application/json\r\n\r\n{")
            while not self.hub.closing.wait(_TRICKLE_SECONDS):
                self.wfile.write(b" ")

    def _flood(self) -> None:
        self.close_connection = True
        piece = b"x" * 2**20
        with contextlib.suppress(ConnectionError):
            self.wfile.write(f"HTTP/1.1 200 x\r\nContent-Length: {_HUGE}\r\n\r\n".encode())
            for _ in range(_HUGE // len(piece)):
                self.wfile.write(piece)

    def log_message(self, *_args: object) -> None:
        """Nothing is printed."""
