"""The record of a pack or a PDF, after a look at what seals it: for whatever shows it again.

This is less than verifying: of a pack's other files, of timestamps and of whose key it is nothing
is said. What is shown is what was signed, or nothing is shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.model.digest import sha256
from weighbridge.model.errors import ExitCode, HostileInput, UsageError, WeighbridgeError
from weighbridge.seal.folder import read_file
from weighbridge.seal.record_file import read_record
from weighbridge.seal.statement import PDF_FILE, RECORD_FILE, SEAL_FILE

if TYPE_CHECKING:
    from weighbridge.model.record import AuditRecord

_NAME_ONE = "Name the folder that 'weighbridge audit --out' wrote, or a PDF report."


class SealBroken(WeighbridgeError):
    """The record is not what was sealed. ``weighbridge report verify`` says more."""

    exit_code = ExitCode.VIOLATED


def sealed_record(path: Path) -> AuditRecord:
    """The record in a pack's folder, or attached to a PDF report, as it was sealed.

    Raises:
        UsageError: there is no pack or PDF, or it cannot be read.
        SealBroken: the seal does not hold over the record.
    """
    try:
        if path.is_dir():
            return _of_pack(path)
        data = read_file(path)
        if not data.startswith(b"%PDF-"):
            raise UsageError(f"{path} is neither an audit pack nor a PDF", remedy=_NAME_ONE)
        return _of_pdf(data)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", remedy=_NAME_ONE) from error
    except HostileInput as error:
        remedy = "Nothing of it is shown. See what 'weighbridge report verify' says."
        raise SealBroken(f"the seal of {path} does not hold: {error.message}",
                         remedy=remedy) from error  # fmt: skip


def _of_pack(folder: Path) -> AuditRecord:
    from weighbridge.seal.certificate import public_key
    from weighbridge.seal.seal_file import read_seal
    from weighbridge.signing.dsse import verify_envelope
    from weighbridge.signing.errors import SignatureInvalid

    try:
        sealed = read_file(folder / SEAL_FILE)
    except FileNotFoundError as error:
        raise UsageError(f"{folder} holds no {SEAL_FILE}", remedy=_NAME_ONE) from error
    bundle, statement = read_seal(sealed)
    try:
        verify_envelope(public_key(bundle.certificates[0]), bundle.envelope)
    except SignatureInvalid as error:
        raise HostileInput(error.message) from error
    try:
        data = read_file(folder / RECORD_FILE)
    except FileNotFoundError as error:
        raise HostileInput(f"{RECORD_FILE} is missing") from error
    if statement.digest(RECORD_FILE) != sha256(data):
        raise HostileInput(f"{RECORD_FILE} was changed since it was sealed")
    record = read_record(data)
    differing = statement.differences(record)
    if differing:
        raise HostileInput(f"it and the record differ in {', '.join(differing)}")
    return record


def _of_pdf(data: bytes) -> AuditRecord:
    from weighbridge.seal.pdf_signature import read_signed_pdf

    attached = read_signed_pdf(data).attachments
    if [name for name, _ in attached] != [RECORD_FILE]:
        raise HostileInput(f"{PDF_FILE} does not carry exactly one {RECORD_FILE}")
    return read_record(attached[0][1])
