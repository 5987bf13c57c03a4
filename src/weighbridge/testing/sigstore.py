"""Loopback trust services: Fulcio, Rekor v2 and an RFC 3161 authority on 127.0.0.1.

They speak the real protocols to the real clients, so that signing, logging, stamping and verifying
can be tested and shown without the internet::

    with LoopbackTrust() as trust:
        seal_pack(record, timestamp_url=trust.timestamp_url, ...)

Nothing they sign proves anything outside tests and the demo: whoever can reach the port gets a
certificate for any name.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from weighbridge.testing.certificate_authority import (
    CertificateAuthority,
    Refused,
    identity_token,
)
from weighbridge.testing.transparency import TransparencyLog
from weighbridge.testing.transparency_v1 import TransparencyLogV1
from weighbridge.testing.trust_config import client_trust_config
from weighbridge.testing.tsa import Answer, Mode, TimestampAuthority

MAX_REQUEST_BYTES = 2**20
_TIMESTAMP = "/api/v1/timestamp"


class LoopbackTrust:
    """The services, while the ``with`` block lasts.

    Args:
        host: a loopback address.
        port: 0 takes any free one.
        rekor: the version of the transparency log's interface, 1 or 2.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0, *, rekor: int = 2) -> None:
        self._server = _Server((host, port), _Handler)
        self._server.trust = self
        origin = f"{host}:{self._server.server_port}"
        self.url = f"http://{origin}"
        self.timestamp_url = f"{self.url}{_TIMESTAMP}"
        self.authority = CertificateAuthority()
        self.rekor = rekor
        self.log = TransparencyLog(origin) if rekor == 2 else TransparencyLogV1(origin)
        self.timestamps = TimestampAuthority()
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def __enter__(self) -> LoopbackTrust:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop answering; what was signed can still be verified. A second call does nothing."""
        self.timestamps.stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    @property
    def tsa_roots(self) -> str:
        """The timestamp authority's root, in PEM."""
        return self.timestamps.root.pem.decode()

    def trust_config(self) -> dict[str, Any]:
        """The ``ClientTrustConfig``, as JSON values."""
        return client_trust_config(
            self.url, self.authority, self.log, self.timestamps, rekor=self.rekor
        )

    def identity_token(self, identity: str = "alice@example.com") -> str:
        """A token under which the loopback Fulcio certifies ``identity``."""
        return identity_token(identity, f"{self.url}/oauth2")

    @contextlib.contextmanager
    def timestamp_mode(self, mode: Mode) -> Iterator[None]:
        """Let the timestamp authority misbehave for a while."""
        before = self.timestamps.mode
        self.timestamps.mode = mode
        try:
            yield
        finally:
            self.timestamps.mode = before


class _Server(ThreadingHTTPServer):
    trust: LoopbackTrust
    # a stalled handler must not hold up the end of a test
    daemon_threads = True
    block_on_close = False


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 30

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: stderr belongs to the tests."""

    def do_GET(self) -> None:
        # model-signing 1.1.1 asks for this even when a token is given
        url = self.server.trust.url
        if not self.path.endswith("/openid-configuration"):
            self._send(Answer(404, "text/plain", b"unknown path"))
            return
        addresses = {
            "issuer": f"{url}/oauth2",
            "authorization_endpoint": f"{url}/auth",
            "token_endpoint": f"{url}/token",
        }
        self._send(Answer(200, "application/json", json.dumps(addresses).encode()))

    def do_POST(self) -> None:
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > MAX_REQUEST_BYTES:
            self._send(Answer(413, "text/plain", b"no length, or too long"))
            return
        body = self.rfile.read(int(length))
        try:
            self._send(self._answer(body))
        except (Refused, KeyError, TypeError, ValueError) as error:
            self._send(Answer(400, "text/plain", repr(error)[:200].encode()))

    def _answer(self, body: bytes) -> Answer:
        trust = self.server.trust
        if self.path == _TIMESTAMP:
            return trust.timestamps.answer(body)
        if self.path == "/api/v2/signingCert":
            token = self.headers.get("authorization", "")
            return _json(trust.authority.issue(token, json.loads(body)))
        if self.path == f"/api/v{trust.rekor}/log/entries":
            return _json(trust.log.add(json.loads(body)))
        return Answer(404, "text/plain", b"unknown path")

    def _send(self, answer: Answer) -> None:
        # a client that timed out has gone; there is nobody to tell
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.media_type)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)


def _json(value: dict[str, Any]) -> Answer:
    return Answer(201, "application/json", json.dumps(value).encode())
