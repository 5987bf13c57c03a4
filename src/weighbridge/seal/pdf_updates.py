"""What may follow the signature in a sealed PDF: archive timestamps, and what they need.

Where they lie, what they are over, and that the last covers the file to its end. That the updates
which brought them changed nothing else is for :mod:`weighbridge.seal.pdf_revisions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from weighbridge.model.errors import HostileInput
from weighbridge.seal.pdf_container import check_padded
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


def check_gap(embedded: Any, data: bytes) -> int:
    """Where the revision ends that a signature or timestamp covers but for its own place.

    Raises:
        HostileInput: it covers odd ranges, or something else hides in its place.
    """
    span = [int(value) for value in embedded.byte_range]
    _require(len(span) == 4 and span[0] == 0, "its signature covers odd ranges of the file")
    _, begin, end, rest = span
    _require(0 < begin < end and 0 < rest <= len(data) - end,
             "its signature covers odd ranges of the file")  # fmt: skip
    held = embedded.pkcs7_content.hex().upper().encode()  # as pyHanko writes it
    _require(data[begin:end] == b"<" + held + b">", "the place of its signature was changed")
    return end + rest


def archives(reader: Any, signature: Any, data: bytes, signed_end: int) -> tuple[Archive, ...]:
    """The archive timestamps after the signature, oldest first; their signatures are not checked.

    Raises:
        HostileInput: the last of them, or without any the signature, does not cover the file to its
            end; or anything but them and their material was added.
    """
    from pyhanko.sign.validation import SignatureCoverageLevel

    stamps = sorted(reader.embedded_timestamp_signatures, key=lambda each: each.signed_revision)
    _require(len(stamps) <= MAX_ARCHIVES, f"it has more than {MAX_ARCHIVES} archive timestamps")
    found: list[Archive] = []
    end = signed_end
    for stamp in stamps:
        subfilter = stamp.sig_object["/SubFilter"]
        _require(subfilter == "/ETSI.RFC3161", "a timestamp in it is of an odd kind")
        before, end = end, check_gap(stamp, data)
        _require(end > before, "a timestamp in it is older than its signature")
        gap = (int(stamp.byte_range[1]), int(stamp.byte_range[2]))
        found.append(Archive(_token(stamp), gap, end))
    _require(end == len(data), "bytes were added after it was signed")
    last = stamps[-1] if stamps else signature
    last.compute_integrity_info(skip_diff=True)
    _require(
        last.coverage is SignatureCoverageLevel.ENTIRE_FILE,
        "its signature does not cover the entire file",
    )
    if stamps:
        signature.compute_integrity_info(skip_diff=True)
        _require(
            signature.coverage >= SignatureCoverageLevel.ENTIRE_REVISION,
            "its signature does not cover all that it was made over",
        )
        check_only_archived(reader, signature.signed_revision)
    return tuple(found)


def _token(stamp: Any) -> bytes:
    from asn1crypto import cms

    held = bytes(stamp.pkcs7_content)
    token = bytes(cms.ContentInfo.load(held).dump())
    check_padded(held, token)
    return token


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise HostileInput(problem)
