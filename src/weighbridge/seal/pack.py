"""Sealing a record: views, signed PDF, statement, timestamps, and the folder that holds them.

The record says whether its seal is timestamped, so this must be known before the record is sealed.
The pack is therefore built on the assumption that the authority answers, and built anew without
timestamps if it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from weighbridge.model.digest import Digest, sha256
from weighbridge.model.errors import SealError, UsageError
from weighbridge.model.record import AuditRecord, TimestampNote, TimestampState
from weighbridge.seal.authority import Authority
from weighbridge.seal.drawing import libraries, without_fonts
from weighbridge.seal.folder import check_target, evidence_name, write_folder
from weighbridge.seal.seal_file import seal_bytes
from weighbridge.seal.sealed_statement import SUFFIX, seal_statement
from weighbridge.seal.sigstore_seal import SigstoreSeal
from weighbridge.seal.statement import (
    PDF_FILE,
    RECORD_FILE,
    SEAL_FILE,
    Statement,
    sign_statement,
)
from weighbridge.signing.timestamp import (
    TimestampInvalid,
    TimestampUnavailable,
    address,
    request_timestamp,
)

if TYPE_CHECKING:
    from weighbridge.seal.signer import SealSigner
    from weighbridge.signing.bundle import Bundle
    from weighbridge.sources.http import HttpClient


class View(Protocol):
    """A file of the pack that is drawn from the record.

    One whose name ends in ``.sigstore.json`` draws an in-toto statement and names its
    ``PREDICATE_TYPE``; the statement is signed by the sealing key before it is written.
    """

    FILENAME: str

    def render(self, record: AuditRecord) -> bytes:
        """The whole file."""
        ...


@dataclass(frozen=True, slots=True)
class SealedPack:
    """What was written. ``record`` is the one given, with what came of the timestamp.

    ``notes`` say what the PDF lacks: for its signature to be validated in later years, or fonts.
    """

    folder: Path
    record: AuditRecord
    seal: Bundle
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()


def seal_pack(
    record: AuditRecord,
    *,
    timestamp_url: str,
    offline: bool,
    signer: SealSigner,
    raw: Mapping[Digest, bytes],
    out: Path,
    views: Sequence[View] | None = None,
    pdf: Callable[[AuditRecord], bytes] | None = None,
    timeout_seconds: float = 10.0,
) -> SealedPack:
    """Seal a record and write its pack.

    Args:
        record: its verdict that of the rules; what comes of asking for a timestamp is added.
        timestamp_url: an RFC 3161 authority; empty for none.
        offline: nobody is asked.
        signer: the key to seal with, and its certificates.
        raw: the bytes behind every raw digest that the record's evidence names.
        out: a folder that is absent, empty or an earlier pack.
        views: what to draw besides audit.json; by default the registry's.
        pdf: draws the PDF report, audit.json attached; by default the registry's.
        timeout_seconds: how long the authority may stay silent.

    Raises:
        UsageError: ``out`` holds something else, or a Sigstore seal would be without a timestamp.
        CannotSign, TimestampUnavailable, TimestampInvalid: one with a Sigstore identity failed.
        SealError: the pack cannot be made or written. In all cases ``out`` is as it was before.
    """
    check_target(out)
    if isinstance(signer, SigstoreSeal):
        timestamp_url = timestamp_url or signer.timestamp_url
        if offline or not timestamp_url:
            raise UsageError("a Sigstore certificate lasts for minutes, so that its seal needs a "
                             "timestamp", remedy="Name an authority with --timestamp.")  # fmt: skip
    build = _Builder(record, signer, _raw_files(record, raw), *_drawn(views, pdf))
    if offline or not timestamp_url:
        why = "the audit ran offline" if offline else "no timestamp authority is configured"
        built = build.without(TimestampState.NOT_REQUESTED, why)
    else:
        from weighbridge.sources.http import HttpClient

        with HttpClient(offline=False, timeout_seconds=timeout_seconds) as http:
            try:
                built = build.stamped(http, timestamp_url)
            except (TimestampUnavailable, TimestampInvalid) as error:
                if isinstance(signer, SigstoreSeal):
                    raise  # without a timestamp such a seal proves nothing ten minutes later
                built = build.without(TimestampState.UNAVAILABLE, error.message)
    sealed, seal, files, notes = built
    write_folder(out, files)
    fonts = without_fonts(sealed)
    return SealedPack(out, sealed, seal, tuple(sorted(files)), (*notes, fonts) if fonts else notes)


_Built = tuple[AuditRecord, "Bundle", dict[str, bytes], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Builder:
    """Makes all files of a pack in memory, for a given outcome of the timestamp."""

    record: AuditRecord
    signer: SealSigner
    raw: Mapping[str, bytes]
    views: Sequence[View]
    pdf: Callable[[AuditRecord], bytes]

    def stamped(self, http: HttpClient, url: str) -> _Built:
        note = TimestampNote(TimestampState.STAMPED, address(url))
        record = self.record.with_timestamp(note)
        files = self._views(record)
        authority = Authority(http, url)
        pdf = self._sign_pdf(record, authority)
        files[PDF_FILE], notes = authority.archive(pdf, self.signer.certificates)
        seal = sign_statement(
            self._statement(record, files), self.signer, lambda s: request_timestamp(http, url, s)
        )
        return record, seal, self._all(files, seal), notes

    def without(self, state: TimestampState, why: str) -> _Built:
        record = self.record.with_timestamp(TimestampNote(state, why))
        files = self._views(record)
        files[PDF_FILE] = self._sign_pdf(record, None)
        seal = sign_statement(self._statement(record, files), self.signer)
        return record, seal, self._all(files, seal), ()

    def _statement(self, record: AuditRecord, files: Mapping[str, bytes]) -> Statement:
        return Statement.about(record, files, libraries(record))

    def _views(self, record: AuditRecord) -> dict[str, bytes]:
        files = {RECORD_FILE: record.to_bytes()}
        for view in self.views:
            if view.FILENAME in {*files, PDF_FILE, SEAL_FILE}:
                raise SealError(f"two views are called {view.FILENAME}")
            files[view.FILENAME] = self._drawn(view, record)
        return files

    def _drawn(self, view: View, record: AuditRecord) -> bytes:
        data = view.render(record)
        if not view.FILENAME.endswith(SUFFIX):
            return data
        # no timestamp of its own: the seal covers it, and is timestamped
        predicate_type = getattr(view, "PREDICATE_TYPE", "")
        return seal_statement(data, self.signer, predicate_type=predicate_type)

    def _sign_pdf(self, record: AuditRecord, authority: Authority | None) -> bytes:
        from weighbridge.seal.pdf import sign_pdf

        reason = f"Seals the audit record {record.digest}"
        stamp = authority.stamp if authority else None
        return sign_pdf(self.pdf(record), self.signer, reason=reason, stamp=stamp)

    def _all(self, files: dict[str, bytes], seal: Bundle) -> dict[str, bytes]:
        return {**files, **self.raw, SEAL_FILE: seal_bytes(seal)}


def _drawn(
    views: Sequence[View] | None, pdf: Callable[[AuditRecord], bytes] | None
) -> tuple[Sequence[View], Callable[[AuditRecord], bytes]]:
    from weighbridge.report.registry import PACK_VIEWS, view

    if views is None:
        views = tuple(view(name) for name in PACK_VIEWS)
    return views, pdf or view("pdf").render


def _raw_files(record: AuditRecord, raw: Mapping[Digest, bytes]) -> dict[str, bytes]:
    """The raw bytes that the record names, by their place in the pack."""
    files: dict[str, bytes] = {}
    for digest in sorted({d for evidence in record.evidence for d in evidence.raw}):
        data = raw.get(digest)
        if data is None or sha256(data) != digest:
            raise SealError(f"the raw bytes {digest.short} that the evidence names are not at hand")
        files[evidence_name(digest)] = data
    return files
