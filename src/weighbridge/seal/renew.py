"""Renewing a pack's or a PDF's timestamps before they lapse, and the list of when they do.

Nothing that was sealed is rewritten: the PDF gets an archive timestamp appended, and the seal's
later timestamps lie in a file beside it. Both are taken before either is written, and each file is
replaced as a whole, so a failure or a crash leaves files that verify.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.edge.files import write_atomic
from weighbridge.edge.text import visible
from weighbridge.model.errors import ExitCode, HostileInput, SealError
from weighbridge.seal import stamped
from weighbridge.seal.authority import Authority
from weighbridge.seal.certificate import load
from weighbridge.seal.folder import read_file
from weighbridge.seal.outcome import Reason, SealReport
from weighbridge.seal.pdf_signature import SignedPdf, read_signed_pdf
from weighbridge.seal.renewals import MAX_RENEWALS, RENEWALS_FILE, Renewals
from weighbridge.seal.seal_file import read_seal
from weighbridge.seal.statement import PDF_FILE, SEAL_FILE
from weighbridge.seal.times import Link, Stamped, judge, lapse
from weighbridge.seal.verify import verify_pack
from weighbridge.signing.timestamp import request_timestamp

if TYPE_CHECKING:
    from weighbridge.sources.http import HttpClient

MAX_PACKS = 100_000


class Changed(SealError):
    """It is not what was sealed: renewing it would only date the change."""

    exit_code = ExitCode.VIOLATED


@dataclass(frozen=True, slots=True)
class Due:
    """When what a pack or a PDF rests on ends. ``what`` is whose certificate ends first.

    ``problem`` is why nothing could be read; ``lapses`` is None then.
    """

    path: Path
    lapses: dt.datetime | None
    what: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Renewed:
    """What was renewed, and until when it now holds. ``late`` is when it had lapsed before."""

    path: Path
    lapses: dt.datetime
    late: dt.datetime | None
    notes: tuple[str, ...]


def due(path: Path) -> Due:
    """When a pack or a PDF must have been renewed. The contents are not verified, only read."""
    try:
        ends = _ends(path)
    except (HostileInput, OSError) as error:
        words = error.message if isinstance(error, HostileInput) else str(error.strerror)
        return Due(path, None, problem=visible(words, 200))
    when, what = min(ends)
    return Due(path, when, what)


def packs_in(folder: Path) -> Iterator[Path]:
    """Every pack in a folder, the folder itself included, sorted; links are not followed.

    Raises:
        OSError: the folder cannot be read.
    """
    found = 0
    for name, folders, files in os.walk(folder, followlinks=False, onerror=_raise):
        folders.sort()
        if SEAL_FILE in files:
            folders.clear()
            found += 1
            if found > MAX_PACKS:
                raise SealError(f"{folder} holds more than {MAX_PACKS} packs")
            yield Path(name)


def renew(path: Path, http: HttpClient, url: str, *, now: dt.datetime | None = None) -> Renewed:
    """Add a timestamp over all there is to a pack, or to a PDF alone.

    Raises:
        Changed: it was changed since it was sealed.
        SealError: it cannot be written. One of two files may have been, each of them whole.
        TimestampUnavailable, TimestampInvalid: no timestamp could be had; nothing was written.
        NotAPack: there is nothing of the kind.
    """
    now = now or dt.datetime.now(dt.UTC)
    _check_intact(verify_pack(path, now=now), path)
    before = due(path).lapses
    authority = Authority(http, url)
    folder = path if path.is_dir() else None
    pdf_path = path / PDF_FILE if folder else path
    pdf, notes = _renewed_pdf(read_file(pdf_path), authority)
    files = {pdf_path: pdf}
    if folder:
        files[folder / RENEWALS_FILE] = _renewed_seal(folder, http, url)
    for target, data in files.items():
        try:
            write_atomic(target, data)
        except OSError as error:
            raise SealError(
                f"{target} cannot be written: {error.strerror}",
                remedy="Make room, and renew again: what is there still verifies.",
            ) from error
    lapses = due(path).lapses
    assert lapses is not None
    return Renewed(path, lapses, before if before and before < now else None, notes)


def _raise(error: OSError) -> None:
    raise error


def _check_intact(report: SealReport, path: Path) -> None:
    if report.reason is Reason.TAMPERED:
        failed = next(check for check in report.checks if check.state == "failed")
        raise Changed(
            f"{visible(str(path), 200)} is not what was sealed ({failed.name}: {failed.detail})",
            remedy="A new timestamp would only date the change. Look at 'report verify'.",
        )


def _renewed_pdf(data: bytes, authority: Authority) -> tuple[bytes, tuple[str, ...]]:
    pdf = read_signed_pdf(data)
    certificates = [*pdf.certificates, *_carried(stamped.pdf_links(pdf, data))]
    return authority.archive(data, certificates, number=len(pdf.archives) + 1)


def _renewed_seal(folder: Path, http: HttpClient, url: str) -> bytes:
    seal = read_file(folder / SEAL_FILE)
    renewals = stamped.read_renewals(folder, seal) or Renewals.none_of(seal)
    if len(renewals.tokens) >= MAX_RENEWALS:
        raise SealError(f"the seal was renewed {MAX_RENEWALS} times already")
    token = request_timestamp(http, url, renewals.covered(seal, len(renewals.tokens)))
    return Renewals(renewals.seal, (*renewals.tokens, token)).to_bytes()


def _carried(links: list[Link]) -> list[bytes]:
    from cryptography.hazmat.primitives.serialization import Encoding

    from weighbridge.signing.timestamp_token import read_token

    return [
        certificate.public_bytes(Encoding.DER)
        for link in links
        for certificate in read_token(link.token).certificates
    ]


def _ends(path: Path) -> list[tuple[dt.datetime, str]]:
    """When each sealed file's last timestamp lapses; without one, when its signer's does."""
    if not path.is_dir():
        data = read_file(path)
        pdf = read_signed_pdf(data)
        return [_end(PDF_FILE, _pdf_stamps(pdf, data), pdf.certificates[0])]
    seal = read_file(path / SEAL_FILE)
    bundle, _ = read_seal(seal)
    renewals = stamped.read_renewals(path, seal)
    own = judge(stamped.seal_links(seal, bundle, renewals), ())
    data = read_file(path / PDF_FILE)
    pdf = read_signed_pdf(data)
    return [
        _end(SEAL_FILE, own, bundle.certificates[0]),
        _end(PDF_FILE, _pdf_stamps(pdf, data), pdf.certificates[0]),
    ]


def _pdf_stamps(pdf: SignedPdf, data: bytes) -> tuple[Stamped, ...]:
    return judge(stamped.pdf_links(pdf, data), ())


def _end(part: str, stamps: tuple[Stamped, ...], certificate: bytes) -> tuple[dt.datetime, str]:
    until = lapse(stamps)
    if until is not None:
        return until, f"the timestamp of {part} by {stamps[-1].timestamp.authority}"
    return load(certificate).not_valid_after_utc, f"the signer's certificate, {part} untimestamped"
