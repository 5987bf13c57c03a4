"""RFC 3161 timestamps on a signature: asking authorities in turn, and reading what is there.

What is stamped are the bytes of the DSSE signature, as Sigstore does: the stamp proves that the
signature existed, and with it what it is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from weighbridge.edge.text import visible
from weighbridge.signing.verdict import StampNote, TimeSource, TrustedTime

if TYPE_CHECKING:
    from weighbridge.signing.bundle import Bundle
    from weighbridge.sources.http import HttpClient


def stamp_by_first(http: HttpClient, urls: Sequence[str], data: bytes) -> bytes:
    """A timestamp of the first authority, in the order given, that grants one.

    An answer that is a wrong timestamp (over other data, badly signed) counts as none.

    Raises:
        NetworkForbidden: the client is offline.
        TimestampUnavailable: no authority granted one; the message has the reason of each.
    """
    from weighbridge.signing.timestamp import (
        TimestampInvalid,
        TimestampUnavailable,
        address,
        request_timestamp,
    )

    reasons = []
    for url in urls:
        try:
            return request_timestamp(http, url, data)
        except (TimestampUnavailable, TimestampInvalid) as error:
            reasons.append(f"{address(url)}: {error.message}")
    raise TimestampUnavailable(
        f"no timestamp could be had: {'; '.join(reasons)}",
        remedy="Try again later or name a further authority with another --timestamp.",
    )


def read_stamps(bundle: Bundle, roots: Sequence[str]) -> tuple[StampNote, ...]:
    """The bundle's timestamps, each held against its signature and the roots.

    Args:
        bundle: the signature.
        roots: each text is one set of roots, in PEM; a timestamp counts that one set trusts.
    """
    if not bundle.timestamps:
        return ()
    from weighbridge.model.policy import root_group
    from weighbridge.signing.timestamp import load_roots

    sets = {
        root_group((pem,)): load_roots(pem.encode("utf-8", "replace"), source="a root")
        for pem in roots
    }
    return tuple(_note(token, bundle.envelope.signature, sets) for token in bundle.timestamps)


def _note(token: bytes, signature: bytes, sets: Mapping[str, Sequence[bytes]]) -> StampNote:
    from weighbridge.signing.timestamp import TimestampInvalid, verify_timestamp

    try:
        judged = {name: verify_timestamp(token, signature, ders) for name, ders in sets.items()}
        stamp = next(iter(judged.values()), None) or verify_timestamp(token, signature, ())
    except TimestampInvalid as error:
        return StampNote(None, "", trusted=False, reason=visible(error.message))
    groups = tuple(name for name, one in judged.items() if one.trusted)
    reason = "" if groups else stamp.reason
    return StampNote(stamp.time, stamp.authority, bool(groups), reason, groups)


def trusted_time(stamps: Sequence[StampNote]) -> TrustedTime | None:
    """The earliest time that a trusted authority states, None where none does."""
    times = [(stamp.time, stamp.authority) for stamp in stamps if stamp.trusted and stamp.time]
    if not times:
        return None
    time, authority = min(times)
    return TrustedTime(time, TimeSource.TIMESTAMP, authority)
