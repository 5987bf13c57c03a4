"""What may follow the signature in a sealed PDF: archive timestamps, and what they need.

Where they lie, what they are over, and that the last covers the file to its end. That the updates
which brought them changed nothing else is for :mod:`weighbridge.seal.pdf_revisions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from weighbridge.seal.pdf_container import check_padded
from weighbridge.seal.pdf_embedded import Embedded, check_covered, check_gap
from weighbridge.seal.pdf_objects import require
from weighbridge.seal.pdf_revisions import check_only_archived

MAX_ARCHIVES = 200


@dataclass(frozen=True, slots=True)
class Archive:
    """A timestamp over a whole file as it was then.

    ``token`` is a bare token. It is over the file's first ``end`` bytes, but those from ``gap[0]``
    to ``gap[1]``, where it lies itself.
    """

    token: bytes
    gap: tuple[int, int]
    end: int

    def covered(self, data: bytes) -> bytes:
        """What the token is over."""
        return data[: self.gap[0]] + data[self.gap[1] : self.end]


def archives(
    reader: Any, signature: Embedded, stamps: Sequence[Embedded], data: bytes
) -> tuple[Archive, ...]:
    """The archive timestamps after the signature, oldest first; their signatures are not checked.

    Raises:
        HostileInput: the last of them, or without any the signature, does not cover the file to its
            end; or anything but them and their material was added.
    """
    require(len(stamps) <= MAX_ARCHIVES, f"it has more than {MAX_ARCHIVES} archive timestamps")
    found: list[Archive] = []
    end = check_gap(signature, data)
    for stamp in stamps:
        require(
            stamp.entries["/SubFilter"] == "/ETSI.RFC3161", "a timestamp in it is of an odd kind"
        )
        before, end = end, check_gap(stamp, data)
        require(end > before, "a timestamp in it is older than its signature")
        found.append(Archive(_token(stamp.contents), (stamp.span[1], stamp.span[2]), end))
    require(end == len(data), "bytes were added after it was signed")
    if stamps:
        check_covered(reader, signature, data)
        check_only_archived(reader, signature.revision)
    return tuple(found)


def _token(held: bytes) -> bytes:
    from asn1crypto import cms

    token = bytes(cms.ContentInfo.load(held).dump())
    check_padded(held, token)
    return token
