"""When a service wants to be asked again, and waiting for it, or not.

Sources: RFC 9110, sections 10.2.3 (``Retry-After``) and 5.6.7 (dates); RFC 6585 (429); GitHub,
"Rate limits for the REST API" (403 or 429 with ``x-ratelimit-remaining`` 0 and
``x-ratelimit-reset`` in Unix time; otherwise at least a minute); IETF draft
``httpapi-ratelimit-headers`` 09 as the Hugging Face Hub sends it (``RateLimit: "api";r=0;t=55``,
what is left and the seconds to the reset).
"""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from weighbridge.model.digest import Digest
from weighbridge.sources.http_exchange import Response, SourceUnavailable

MAX_WAIT_SECONDS = 10.0  # for one question; longer is not waited
MAX_WAITS_SECONDS = 30.0  # for all questions of one client together
UNTOLD_SECONDS = 60.0  # where a service does not say when: GitHub's "at least one minute"
_REMEDY = (
    "Run again then; with a token (GITHUB_TOKEN for GitHub, HF_TOKEN for a Hub) a service answers "
    "more often"
)
_NUMBER = re.compile(r"[0-9]{1,10}\Z")
_RATE_LIMIT = re.compile(r";\s*r\s*=\s*([0-9]{1,10})\s*;\s*t\s*=\s*([0-9]{1,10})(?![0-9])")


class RateLimited(SourceUnavailable):
    """The service was asked too often.

    ``until`` is when it will answer again, in Unix time, and ``seconds`` how long that was when it
    said so; ``raw`` is the digest of its refusal, if that is stored.
    """

    def __init__(
        self, message: str, until: float, seconds: float, raw: Digest | None = None
    ) -> None:
        super().__init__(message, remedy=_REMEDY)
        self.until = until
        self.seconds = seconds
        self.raw = raw

    def stored(self, raw: Digest | None) -> RateLimited:
        """The same, with where the refusal is stored."""
        return RateLimited(self.message, self.until, self.seconds, raw)


@dataclass(frozen=True, slots=True)
class Pause:
    """``seconds`` from now in which a service wants no question; ``told``: it said how long."""

    seconds: float
    told: bool


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds of a ``Retry-After``, of either form; None without a usable one."""
    value = headers.get("retry-after", "").strip()
    if _NUMBER.match(value):
        return float(value)
    if not value.isascii() or not 20 <= len(value) <= 40:
        return None
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=dt.UTC)
    return max(0.0, date.timestamp() - now)


def pause(status: int, headers: Mapping[str, str], now: float) -> Pause | None:
    """What an answer says of the time until the next one; None where it was no refusal for that.

    A 403 is one only with a header that says so: without, it is a matter of rights.
    """
    if status not in (403, 429):
        return None
    wanted = (retry_after(headers, now), _exhausted(headers, now), _rate_limit(headers))
    told = [seconds for seconds in wanted if seconds is not None]
    if told:
        return Pause(max(told), told=True)
    return Pause(UNTOLD_SECONDS, told=False) if status == 429 else None


def _exhausted(headers: Mapping[str, str], now: float) -> float | None:
    """GitHub: nothing is left of the hour's answers, until the reset."""
    if headers.get("x-ratelimit-remaining", "").strip() != "0":
        return None
    reset = headers.get("x-ratelimit-reset", "").strip()
    return max(0.0, float(reset) - now) if _NUMBER.match(reset) else None


def _rate_limit(headers: Mapping[str, str]) -> float | None:
    """The longest reset among the limits of which nothing is left."""
    found = _RATE_LIMIT.findall(headers.get("ratelimit", "")[:1000])
    over = [float(reset) for left, reset in found if int(left) == 0]
    return max(over, default=None)


class Gate:
    """Keeps a client from asking services that do not want to be asked yet.

    A service is an origin and a credential (its digest), for each has a limit of its own.
    """

    def __init__(self, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._clock = clock
        self._sleep = sleep
        self._closed: dict[tuple[str, str], RateLimited] = {}
        self._waited = 0.0
        self._lock = threading.Lock()

    def enter(self, service: tuple[str, str]) -> None:
        """Wait, if that is short, until a service may be asked.

        Raises:
            RateLimited: it would be long. Nobody is asked.
        """
        closed = self._closed.get(service)
        if closed is None:
            return
        seconds = closed.until - self._clock()
        if seconds <= 0:
            self._closed.pop(service, None)
        elif not self.wait(seconds):
            raise closed.stored(closed.raw)

    def wait(self, seconds: float) -> bool:
        """Sleep, unless that is longer than one wait, or all of them, may be."""
        with self._lock:
            if seconds > MAX_WAIT_SECONDS or self._waited + seconds > MAX_WAITS_SECONDS:
                return False
            self._waited += seconds
        self._sleep(seconds)
        return True

    def note(self, service: tuple[str, str], response: Response) -> RateLimited | None:
        """Remember what an answer says of the next one; the refusal, where it was one."""
        now = self._clock()
        found = pause(response.status, response.headers, now)
        if found is None:
            self._closed.pop(service, None)
            left = _exhausted(response.headers, now)
            if left:
                why = f"{service[0]} has given all its answers for now, and {_again(now, left)}"
                self._closed[service] = RateLimited(why, now + left, left)
            return None
        later = _again(now, found.seconds) if found.told else "does not say when it answers again"
        why = f"{service[0]} was asked too often ({response.status}), and {later}"
        self._closed[service] = RateLimited(why, now + found.seconds, found.seconds)
        return self._closed[service]


def _again(now: float, seconds: float) -> str:
    try:
        moment = dt.datetime.fromtimestamp(now + seconds, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return f"answers again in {seconds:.0f} seconds"
    return f"answers again at {moment:%Y-%m-%dT%H:%M:%SZ}, in {seconds:.0f} seconds"
