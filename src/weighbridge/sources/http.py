"""The one HTTP client. Nothing else in the package opens a socket of its own.

It is made for small, whole answers (advisories, timestamps, listings): a declared size, a declared
time, no redirect to another host, no cookies, no credentials picked up from ``.netrc``. Proxies and
certificate authorities come from the usual environment variables (``HTTPS_PROXY``, ``NO_PROXY``,
``REQUESTS_CA_BUNDLE``); certificates are always checked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urljoin, urlsplit

from weighbridge import __version__
from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest
from weighbridge.model.errors import NetworkForbidden, WeighbridgeError
from weighbridge.sources.wording import reason, shown

if TYPE_CHECKING:
    import requests

MAX_BYTES = 16 * 2**20
MAX_REDIRECTS = 3
RETRIES = 2
_BACKOFF_SECONDS = 0.2
_PASSING_TROUBLE = frozenset({502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 64 * 1024
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class SourceUnavailable(WeighbridgeError):
    """An outside source gave no usable answer. Collectors turn it into ``unavailable``."""


class _Transient(SourceUnavailable):
    """The connection was refused, broke or timed out: another try may succeed."""


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer, of any status. Header names are lower-case; ``digest`` where it is stored."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    digest: Digest | None = None


class HttpClient:
    """GET and POST with bounds.

    Args:
        offline: every call raises :class:`NetworkForbidden` before a name is resolved.
        timeout_seconds: for connecting, and for each silence of the server. The whole exchange,
            redirects included, may take six times as long: a server that sends a byte now and then
            cannot hold a run.
        store: is given each body before :meth:`get` or :meth:`post` returns.
    """

    def __init__(
        self,
        *,
        offline: bool,
        timeout_seconds: float = 10.0,
        store: Callable[[bytes], Digest] | None = None,
    ) -> None:
        self._offline = offline
        self._timeout = timeout_seconds
        self._store = store
        self._session: requests.Session | None = None

    def get(
        self, url: str, *, headers: Mapping[str, str] = _NO_HEADERS, max_bytes: int = MAX_BYTES
    ) -> Response:
        """Fetch ``url``, trying up to three times where the trouble may pass (502, 503, 504 too).

        Raises:
            NetworkForbidden: the client is offline.
            SourceUnavailable: no answer, too large, too slow, or not an http(s) address.
        """
        return self._call("GET", url, None, headers, max_bytes, RETRIES)

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
            SourceUnavailable: as :meth:`get`, and on any redirect: data goes where it was sent.
        """
        return self._call("POST", url, body, headers, max_bytes, RETRIES if idempotent else 0)

    def close(self) -> None:
        """Close the connections that are kept open for the next call."""
        if self._session is not None:
            self._session.close()
            self._session = None

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
        _checked(url)
        if self._session is None:
            self._session = _new_session()
        exchange = _Exchange(self._session, method, body, headers, max_bytes, self._timeout)
        for attempt in range(retries + 1):
            last = attempt == retries
            try:
                response = _within(self._timeout * 6, exchange, url)
            except _Transient:
                if last:
                    raise
            else:
                if last or response.status not in _PASSING_TROUBLE:
                    return self._stored(response)
            time.sleep(_BACKOFF_SECONDS * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    def _stored(self, response: Response) -> Response:
        if self._store is None:
            return response
        digest = self._store(response.body)
        return Response(response.status, response.body, response.headers, digest)


@dataclass(frozen=True, slots=True)
class _Exchange:
    """One request and its answer, redirects within the same host followed."""

    session: requests.Session
    method: str
    body: bytes | None
    headers: Mapping[str, str]
    max_bytes: int
    timeout: float

    def __call__(self, url: str, given_up: threading.Event) -> Response:
        for _ in range(MAX_REDIRECTS + 1):
            status, headers, body = self._once(url, given_up)
            if status not in _REDIRECTS:
                return Response(status, body, MappingProxyType(headers))
            url = self._next(url, headers.get("location", ""))
        raise SourceUnavailable(
            f"{shown(url)} redirected more than {MAX_REDIRECTS} times",
            remedy="Configure the address that it leads to.",
        )

    def _next(self, url: str, location: str) -> str:
        target = urljoin(url, location)
        old, new = _checked(url), _checked(target)
        same_host = old.hostname == new.hostname
        same_place = same_host and (_port(old), old.scheme) == (_port(new), new.scheme)
        upgraded = same_host and old.scheme == "http" and new.scheme == "https"
        if self.method != "GET" or not (same_place or upgraded):
            raise SourceUnavailable(
                f"{shown(url)} redirects to {shown(target)}, which is not followed",
                remedy="Configure the address that it leads to, if you trust it.",
            )
        return target

    def _once(self, url: str, given_up: threading.Event) -> tuple[int, dict[str, str], bytes]:
        import requests
        import urllib3.exceptions

        try:
            with self.session.request(
                self.method,
                url,
                data=self.body,
                headers={**self.headers, "Accept-Encoding": "identity"},
                timeout=(self.timeout, self.timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                return response.status_code, headers, self._body(url, response, headers, given_up)
        except (requests.exceptions.SSLError, urllib3.exceptions.SSLError) as error:
            raise SourceUnavailable(
                f"{shown(url)} does not prove who it is: {reason(error)}",
                remedy="Check the address; for a company's own authority set REQUESTS_CA_BUNDLE.",
            ) from error
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL) as error:
            raise SourceUnavailable(f"{shown(url)} cannot be asked: {reason(error)}") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _Transient(
                f"{shown(url)} gave no whole answer: {reason(error)}",
                remedy="Check the address, the network and the proxy settings, and run again.",
            ) from error
        except ValueError as error:
            # LocationParseError and UnicodeError of host names are ValueErrors.
            raise SourceUnavailable(f"{shown(url)} cannot be asked: {reason(error)}") from error

    def _body(
        self,
        url: str,
        response: requests.Response,
        headers: Mapping[str, str],
        given_up: threading.Event,
    ) -> bytes:
        """The body as it was sent. ``read1`` returns at each arrival, so a trickle is noticed."""
        if headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise SourceUnavailable(
                f"{shown(url)} sent a compressed answer although it was asked not to",
                remedy="Configure another address for this service.",
            )
        chunks: list[bytes] = []
        size = 0
        while chunk := response.raw.read1(_CHUNK, decode_content=False):
            size += len(chunk)
            if size > self.max_bytes:
                raise SourceUnavailable(
                    f"{shown(url)} sent more than {self.max_bytes} bytes",
                    remedy="Check that the address is that of the service that was meant.",
                )
            if given_up.is_set():
                break
            chunks.append(chunk)
        declared = headers.get("content-length", "")
        if declared.isdecimal() and int(declared) != size:
            raise _Transient(
                f"{shown(url)} gave no whole answer: {size} of {declared} bytes arrived",
                remedy="Run again; if it stays so, check the proxy and the service.",
            )
        return b"".join(chunks)


def _within(seconds: float, exchange: _Exchange, url: str) -> Response:
    """Run the exchange in a thread of its own, and leave it behind when its time is up.

    Socket timeouts bound one silence, not the sum of them, nor the resolving of a name.
    """
    given_up = threading.Event()
    outcome: list[Response | BaseException] = []

    def work() -> None:
        try:
            outcome.append(exchange(url, given_up))
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            outcome.append(error)

    thread = threading.Thread(target=work, name="weighbridge-http", daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        given_up.set()
        raise SourceUnavailable(
            f"{shown(url)} did not finish its answer within {seconds:g} seconds",
            remedy="Run again, or raise the timeout in the configuration.",
        )
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


def _new_session() -> requests.Session:
    from http.cookiejar import DefaultCookiePolicy

    import requests

    session = requests.Session()
    session.headers["User-Agent"] = f"weighbridge/{__version__}"
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.auth = _no_credentials  # without one, requests would look into ~/.netrc
    return session


def _no_credentials(request: Any) -> Any:
    return request


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port != 0
    except ValueError as error:
        raise SourceUnavailable(f"{visible(url, 200)} is not an address: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_valid:
        raise SourceUnavailable(
            f"{shown(url)} is not an http or https address",
            remedy="Give an address that begins with https://.",
        )
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
