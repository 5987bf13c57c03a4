"""The one HTTP client. Nothing else in the package opens a socket of its own.

It is made for small, whole answers (advisories, timestamps, listings): a declared size, a declared
time, no redirect to another host, no cookies, no credentials picked up from ``.netrc``. Proxies and
certificate authorities come from the usual environment variables (``HTTPS_PROXY``, ``NO_PROXY``,
``REQUESTS_CA_BUNDLE``); certificates are always checked.

A service that says when it wants to be asked again is waited for, if that is soon, and not asked
before (:mod:`weighbridge.sources.rate_limits`). A client may be given a cache, which saves the
transfer and never the question (:mod:`weighbridge.sources.http_cache`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from weighbridge.model.digest import Digest, sha256
from weighbridge.model.errors import NetworkForbidden
from weighbridge.sources.http_exchange import (
    MAX_REDIRECTS,
    Exchange,
    Response,
    SourceUnavailable,
    Transient,
    checked,
    new_session,
    origin,
    within,
)
from weighbridge.sources.rate_limits import Gate, RateLimited, retry_after
from weighbridge.sources.wording import shown

if TYPE_CHECKING:
    import requests

    from weighbridge.sources.http_cache import HttpCache, Kept

__all__ = [
    "MAX_BYTES",
    "MAX_REDIRECTS",
    "RETRIES",
    "HttpClient",
    "RateLimited",
    "Response",
    "SourceUnavailable",
]

MAX_BYTES = 16 * 2**20
RETRIES = 2
_BACKOFF_SECONDS = 0.2  # before the second try, twice that before the third: the same in every run
_PASSING_TROUBLE = frozenset({502, 503, 504})
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
# RFC 9110, section 5.5: what a header's value may be made of.
_HEADER_VALUE = re.compile(
    r"[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?\Z"
)


class HttpClient:
    """GET and POST with bounds.

    Args:
        offline: every call raises :class:`NetworkForbidden` before a name is resolved.
        timeout_seconds: for connecting, and for each silence of the server. The whole exchange,
            redirects included, may take six times as long: a server that sends a byte now and then
            cannot hold a run.
        store: is given each body before :meth:`get` or :meth:`post` returns.
        cache: keeps answers to :meth:`get` that have an entity tag.
        clock: the Unix time, and ``sleep`` how to let it pass; tests have their own.
    """

    def __init__(
        self,
        *,
        offline: bool,
        timeout_seconds: float = 10.0,
        store: Callable[[bytes], Digest] | None = None,
        cache: HttpCache | None = None,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._offline = offline
        self._timeout = timeout_seconds
        self._store = store
        self._cache = cache
        self._clock = clock or time.time
        self._sleep = sleep or time.sleep
        self._gate = Gate(self._clock, self._sleep)
        self._session: requests.Session | None = None

    def get(
        self, url: str, *, headers: Mapping[str, str] = _NO_HEADERS, max_bytes: int = MAX_BYTES
    ) -> Response:
        """Fetch ``url``, trying up to three times where the trouble may pass (502, 503, 504 too).

        Raises:
            NetworkForbidden: the client is offline.
            RateLimited: the service wants to be asked later than is waited for here.
            SourceUnavailable: no answer, too large, too slow, or not an http(s) address.
        """
        if self._cache is None or self._offline:
            return self._stored(self._call("GET", url, None, headers, max_bytes, RETRIES))
        key = self._cache.key(url, headers)
        kept = self._cache.find(key, max_bytes)
        asked = {**headers, "If-None-Match": kept.etag} if kept else headers
        response = self._call("GET", url, None, asked, max_bytes, RETRIES)
        if kept is not None and response.status == 304:
            response = _confirmed(response, kept)
        elif response.status == 200:
            self._cache.keep(key, response.body, response.headers)
        return self._stored(response)

    def post(
        self,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str] = _NO_HEADERS,
        max_bytes: int = MAX_BYTES,
        idempotent: bool = False,
    ) -> Response:
        """Send ``body``. Tried again as :meth:`get` is only where the call is ``idempotent``.

        Raises:
            NetworkForbidden: the client is offline.
            RateLimited: as :meth:`get`.
            SourceUnavailable: as :meth:`get`, and on any redirect: data goes where it was sent.
        """
        retries = RETRIES if idempotent else 0
        return self._stored(self._call("POST", url, body, headers, max_bytes, retries))

    def close(self) -> None:
        """Close the connections that are kept open for the next call; tidy the cache."""
        if self._session is not None:
            self._session.close()
            self._session = None
        if self._cache is not None:
            self._cache.trim()

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def _call(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str],
        max_bytes: int,
        retries: int,
    ) -> Response:
        if self._offline:
            raise NetworkForbidden(
                f"{shown(url)} was to be asked although the run is offline",
                remedy="Run without --offline, or leave out what needs the network.",
            )
        checked(url)
        _check_headers(url, headers)
        if self._session is None:
            self._session = new_session()
        exchange = Exchange(self._session, method, body, headers, max_bytes, self._timeout)
        credential = headers.get("Authorization", "")
        service = (origin(url), sha256(credential.encode("latin-1")).value)
        self._gate.enter(service)
        for attempt in range(retries + 1):
            last = attempt == retries
            delay = _BACKOFF_SECONDS * 2**attempt
            try:
                response = within(self._timeout * 6, exchange, url)
            except Transient:
                if last:
                    raise
                self._sleep(delay)
                continue
            limited = self._gate.note(service, response)
            if limited is not None:
                if last or not self._gate.wait(max(delay, limited.seconds)):
                    raise limited.stored(self._stored(response).digest)
            elif last or response.status not in _PASSING_TROUBLE:
                return response
            elif wanted := retry_after(response.headers, self._clock()):
                if not self._gate.wait(max(delay, wanted)):
                    return response
            else:
                self._sleep(delay)
        raise AssertionError("the last attempt returns or raises")

    def _stored(self, response: Response) -> Response:
        if self._store is None:
            return response
        return replace(response, digest=self._store(response.body))


def _confirmed(response: Response, kept: Kept) -> Response:
    """The kept answer, with the headers of the 304 over its own (RFC 9111, section 3.2)."""
    fresh = {k: v for k, v in response.headers.items() if k not in ("content-length", "date")}
    headers = MappingProxyType({**kept.headers, **fresh})
    return Response(200, kept.body, headers, url=response.url, revalidated=True)


def _check_headers(url: str, headers: Mapping[str, str]) -> None:
    """Refuse what would begin another header, without showing it: it may be a token."""
    for name, value in headers.items():
        if not _HEADER_VALUE.match(value):
            raise SourceUnavailable(
                f"{shown(url)} cannot be asked: the header {name} would hold what none may hold",
                remedy="Look at the tokens in the environment: one may have a line break in it.",
            )
