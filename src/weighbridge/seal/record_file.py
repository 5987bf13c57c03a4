"""The record as it lies in a pack or in a PDF: in one form, and only in that."""

from __future__ import annotations

from weighbridge.model.errors import HostileInput
from weighbridge.model.record import AuditRecord
from weighbridge.seal.statement import RECORD_FILE


def read_record(data: bytes) -> AuditRecord:
    """The record in ``data``, which must be in canonical form.

    Raises:
        HostileInput: not a record of this version, or other bytes than it would write.
    """
    try:
        record = AuditRecord.from_bytes(data)
        same = record.to_bytes() == data
    except (ValueError, TypeError, RecursionError) as error:
        raise HostileInput(f"{RECORD_FILE} is malformed ({type(error).__name__})") from error
    if not same:
        raise HostileInput(f"{RECORD_FILE} is not in canonical form")
    return record
