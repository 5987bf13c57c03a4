"""The timestamps of a pack, held against what its record promises and the roots that are given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.model.errors import HostileInput
from weighbridge.model.record import TimestampState
from weighbridge.seal.folder import read_file
from weighbridge.seal.outcome import Findings
from weighbridge.seal.renewals import RENEWALS_FILE, Renewals
from weighbridge.seal.statement import PDF_FILE, SEAL_FILE
from weighbridge.seal.times import Link, judge
from weighbridge.signing.timestamp import TimestampInvalid

if TYPE_CHECKING:
    from weighbridge.seal.pdf_signature import SignedPdf
    from weighbridge.signing.bundle import Bundle


def pdf_links(pdf: SignedPdf, data: bytes) -> list[Link]:
    """The timestamps of a PDF, oldest first."""
    first = [Link(PDF_FILE, pdf.token, pdf.signature, bare=True)] if pdf.token else []
    later = [Link(PDF_FILE, each.token, each.covered(data), bare=True) for each in pdf.archives]
    return first + later


def seal_links(seal: bytes, bundle: Bundle, renewals: Renewals | None) -> list[Link]:
    """The timestamps of a seal, oldest first."""
    own = [Link(SEAL_FILE, token, bundle.envelope.signature, bare=False)
           for token in bundle.timestamps]  # fmt: skip
    later = renewals.tokens if renewals else ()
    return own + [
        Link(SEAL_FILE, token, renewals.covered(seal, count), bare=False)
        for count, token in enumerate(later)
        if renewals
    ]


def read_renewals(folder: Path, seal: bytes) -> Renewals | None:
    """The renewals of the seal in a pack, None where there are none.

    Raises:
        HostileInput: they cannot be read, or are of another seal.
        OSError: the file cannot be read.
    """
    try:
        data = read_file(folder / RENEWALS_FILE)
    except FileNotFoundError:
        return None
    return Renewals.from_bytes(data, seal)


def check_pdf(
    findings: Findings,
    pdf: SignedPdf,
    data: bytes,
    promised: TimestampState | None,
    roots: Sequence[bytes],
) -> None:
    """The PDF's timestamps. One that the record promises has an archive timestamp after it."""
    name = f"timestamp of {PDF_FILE}"
    if not _as_promised(findings, name, bool(pdf.token), promised):
        return
    if promised is TimestampState.STAMPED and not pdf.archives:
        findings.add(name, "the archive timestamp over the whole PDF was removed", "")
        return
    _check(findings, name, pdf_links(pdf, data), roots)


def check_seal(
    findings: Findings,
    folder: Path,
    seal: bytes,
    bundle: Bundle,
    promised: TimestampState | None,
    roots: Sequence[bytes],
) -> None:
    """The seal's timestamp and its renewals."""
    name = f"timestamp of {SEAL_FILE}"
    try:
        renewals = read_renewals(folder, seal)
    except (HostileInput, OSError) as error:
        findings.add("renewals", getattr(error, "message", f"{RENEWALS_FILE} cannot be read"), "")
        return
    if not _as_promised(findings, name, bool(bundle.timestamps), promised):
        return
    if renewals is not None:
        count = len(renewals.tokens)
        findings.add("renewals", "", f"{RENEWALS_FILE} belongs to this seal and renews it {count}x")
    _check(findings, name, seal_links(seal, bundle, renewals), roots)


def _as_promised(
    findings: Findings, name: str, there: bool, promised: TimestampState | None
) -> bool:
    """Whether the signature's own timestamp is there exactly if the record says so."""
    if promised is None:
        findings.skip(name, "the record could not be read, so what it promises is not known")
        return False
    stamped = promised is TimestampState.STAMPED
    if stamped is not there:
        findings.add(
            name,
            "the record says that there is a timestamp, and it was removed"
            if stamped
            else "the record says that there is no timestamp, and one was added",
            "",
        )
    return stamped is there


def _check(findings: Findings, name: str, links: Sequence[Link], roots: Sequence[bytes]) -> None:
    if not links:
        (findings.unsure if roots else findings.skip)(
            name, "untimestamped: there is none, as the record says"
        )
        return
    try:
        found = judge(links, roots)
    except TimestampInvalid as error:
        findings.add(name, error.message, "")
        return
    findings.timestamps += found
    first, last = found[0].timestamp, found[-1].timestamp
    said = f"{first.time.isoformat()} by {first.authority}"
    if len(found) > 1:
        said += f", and the last of {len(found)} timestamps {last.time.isoformat()}"
    said += f", which proves it until {found[-1].until:%Y-%m-%d}"
    untrusted = [each.timestamp for each in found if not each.timestamp.trusted]
    if not untrusted:
        findings.add(name, "", f"it existed at {said}")
    elif roots:
        findings.unsure(name, f"it states {said}, and {untrusted[0].reason}")
    else:
        findings.skip(name, f"it states {said}; pass the authority's root with --timestamp-root "
                      "to check who that is")  # fmt: skip
