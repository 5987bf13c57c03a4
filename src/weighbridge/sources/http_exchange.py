"""One request and its answer, within bounds: what :mod:`weighbridge.sources.http` is made of."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from weighbridge import __version__
from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest
from weighbridge.model.errors import WeighbridgeError
from weighbridge.sources.wording import reason, shown

if TYPE_CHECKING:
    import requests

MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 64 * 1024
_LEAST_SECRET = 8  # characters; a shorter password stands in many an innocent answer


class SourceUnavailable(WeighbridgeError):
    """An outside source gave no usable answer. Collectors turn it into ``unavailable``."""


class Transient(SourceUnavailable):
    """The connection was refused, broke or timed out: another try may succeed."""


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer, of any status. Header names are lower-case; ``digest`` where it is stored.

    ``url`` is the address that answered in the end, without credentials and query.
    ``revalidated``: the service said that the kept body is still its answer.
    """

    status: int
    body: bytes
    headers: Mapping[str, str]
    digest: Digest | None = None
    url: str = ""
    revalidated: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, redirects within the same host followed."""

    session: requests.Session
    method: str
    body: bytes | None
    headers: Mapping[str, str] = field(repr=False)
    max_bytes: int
    timeout: float

    def __call__(self, url: str, given_up: threading.Event) -> Response:
        """Ask, and follow redirects; ``given_up`` is set when nobody waits any more."""
        for _ in range(MAX_REDIRECTS + 1):
            status, headers, body = self._once(url, given_up)
            if status not in _REDIRECTS:
                return Response(status, body, MappingProxyType(headers), url=_plain(url))
            url = self._next(url, headers.get("location", ""))
        raise SourceUnavailable(
            f"{shown(url)} redirected more than {MAX_REDIRECTS} times",
            remedy="Configure the address that it leads to.",
        )

    def _next(self, url: str, location: str) -> str:
        target = urljoin(url, location)
        old, new = checked(url), checked(target)
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
                self._refuse_echo(url, *(value.encode() for value in headers.values()))
                if response.status_code in _REDIRECTS:
                    return response.status_code, headers, b""  # its body is not read
                body = self._body(url, response, headers, given_up)
                self._refuse_echo(url, body)
                return response.status_code, headers, body
        except (requests.exceptions.SSLError, urllib3.exceptions.SSLError) as error:
            raise SourceUnavailable(
                f"{shown(url)} does not prove who it is: {reason(error)}",
                remedy="Check the address; for a company's own authority set REQUESTS_CA_BUNDLE.",
            ) from error
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL) as error:
            # The library's text holds the header, which may be a token: it is not chained.
            raise SourceUnavailable(f"{shown(url)} cannot be asked: {reason(error)}") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise Transient(
                f"{shown(url)} gave no whole answer: {reason(error)}",
                remedy="Check the address, the network and the proxy settings, and run again.",
            ) from error
        except ValueError as error:
            # LocationParseError and UnicodeError of host names are ValueErrors.
            raise SourceUnavailable(f"{shown(url)} cannot be asked: {reason(error)}") from None

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
            raise Transient(
                f"{shown(url)} gave no whole answer: {size} of {declared} bytes arrived",
                remedy="Run again; if it stays so, check the proxy and the service.",
            )
        return b"".join(chunks)

    def _refuse_echo(self, url: str, *parts: bytes) -> None:
        """Answers are kept, and shown: one that holds the secret of the question must not be."""
        scheme, _, secret = self.headers.get("Authorization", "").partition(" ")
        if len(secret) < _LEAST_SECRET or not scheme:
            return
        forms = {secret.encode("utf-8", "replace"), quote(secret, safe="").encode()}
        if any(form in part for part in parts for form in forms):
            raise SourceUnavailable(
                f"{shown(url)} sent back the credential that it was given; its answer is not kept",
                remedy="Check the address; if it is not the service that was meant, revoke the "
                "credential.",
            )


def within(seconds: float, exchange: Exchange, url: str) -> Response:
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


def new_session() -> requests.Session:
    """A session that keeps no cookies and looks up no credentials."""
    from http.cookiejar import DefaultCookiePolicy

    import requests

    class Session(requests.Session):
        """Looks at no redirect: to do so the library would read the whole answer, of any size."""

        def get_redirect_target(self, resp: requests.Response) -> None:
            return None

    session = Session()
    session.headers["User-Agent"] = f"weighbridge/{__version__}"
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.auth = _no_credentials  # without one, requests would look into ~/.netrc
    return session


def checked(url: str) -> SplitResult:
    """The parts of an http(s) address. Raises SourceUnavailable for everything else."""
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


def origin(url: str) -> str:
    """Scheme, host and port, as ``https://host:443``."""
    parts = checked(url)
    return f"{parts.scheme}://{parts.hostname}:{_port(parts)}"


def _no_credentials(request: Any) -> Any:
    return request


def _plain(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
