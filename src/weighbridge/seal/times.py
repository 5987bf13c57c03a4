"""Timestamps that follow each other: what time they prove now, and until when they will."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from weighbridge.signing.timestamp import Timestamp, TimestampInvalid, judge_token
from weighbridge.signing.timestamp_token import read_token

# how far two authorities' clocks may differ
SKEW = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Link:
    """A timestamp as it was found: the token, what it must be over, whether it is a bare one."""

    part: str
    token: bytes
    data: bytes
    bare: bool


@dataclass(frozen=True, slots=True)
class Stamped:
    """A timestamp that holds, and what it is over: a file name of the pack.

    ``until`` is when the first of the authority's certificates that it carries ends: from then on
    it proves nothing, unless a later timestamp covers it.
    """

    part: str
    timestamp: Timestamp
    until: dt.datetime


def judge(links: Sequence[Link], roots: Sequence[bytes]) -> tuple[Stamped, ...]:
    """Check timestamps that follow each other, oldest first.

    Raises:
        TimestampInvalid: one is over other data, wrongly signed, not in normal form, or older than
            the one before it.
    """
    found: list[Stamped] = []
    for link in links:
        read = read_token(link.token)
        timestamp = judge_token(read, link.data, roots)
        if link.token != (read.content_info if link.bare else read.normal_form):
            raise TimestampInvalid("the timestamp's unsigned parts were changed")
        if found and timestamp.time + SKEW < found[-1].timestamp.time:
            raise TimestampInvalid("a timestamp is older than the one that it covers")
        until = min(certificate.not_valid_after_utc for certificate in read.certificates)
        found.append(Stamped(link.part, timestamp, until))
    return tuple(found)


def proven(stamps: Sequence[Stamped], now: dt.datetime) -> dt.datetime | None:
    """The earliest time that trusted timestamps prove now; None where they prove none.

    The last must still be valid, and each before it have been so when the next was made.
    """
    at, earliest = now, None
    for stamped in reversed(stamps):
        if stamped.timestamp.trusted and stamped.until >= at:
            at = earliest = stamped.timestamp.time
    return earliest


def proven_of_each(stamps: Sequence[Stamped], now: dt.datetime) -> dt.datetime | None:
    """The latest of what each sealed file's timestamps prove: by then, all of them were signed."""
    parts = {each.part for each in stamps}
    times = [proven([each for each in stamps if each.part == part], now) for part in parts]
    known = [time for time in times if time is not None]
    return max(known) if known and len(known) == len(times) else None


def lapse(stamps: Sequence[Stamped]) -> dt.datetime | None:
    """Until when the last timestamp proves its time; None where there is none."""
    return stamps[-1].until if stamps else None
