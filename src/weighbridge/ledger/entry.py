"""What the ledger says of one audit, or one baseline: digests, in canonical JSON (RFC 8785)."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from weighbridge.edge.json import load_json
from weighbridge.model.canonical import canonical
from weighbridge.model.digest import Digest
from weighbridge.model.errors import BoundExceeded, ExitCode, HostileInput

if TYPE_CHECKING:
    from weighbridge.model.maintainers_snapshot import MaintainersSnapshot
    from weighbridge.model.record import AuditRecord

SCHEMA = "urn:weighbridge:ledger-entry:1"
# Far below the 65,535 bytes that the length of an entry bundle can say (tlog-tiles).
MAX_ENTRY_BYTES = 16 * 2**10


class EntryKind(enum.StrEnum):
    """What was recorded."""

    AUDIT = "audit"
    BASELINE = "baseline"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. ``record`` and ``seal`` are the SHA-256 of ``audit.json`` and of its seal.

    Of a baseline they are those of the snapshot's document and of the signed file that holds it,
    ``as_of`` is the day on which it was taken, and there is neither ``verdict`` nor policy.

    Raises:
        HostileInput: it has a verdict and is no audit, or is one without.
    """

    kind: EntryKind
    record: Digest
    seal: Digest
    subject_name: str
    subject_digest: Digest
    verdict: ExitCode | None
    as_of: dt.date
    policy_id: str = ""
    policy_version: str = ""

    def __post_init__(self) -> None:
        judged = self.verdict is not None
        if judged is not (self.kind is EntryKind.AUDIT):
            raise HostileInput(f"a ledger entry of the kind {self.kind} and its verdict contradict")
        if not judged and (self.policy_id or self.policy_version):
            raise HostileInput(f"a ledger entry of the kind {self.kind} names a policy")

    @classmethod
    def of_audit(cls, record: AuditRecord, seal: Digest) -> Entry:
        """The entry of a sealed audit."""
        return cls(
            kind=EntryKind.AUDIT,
            record=record.digest,
            seal=seal,
            subject_name=record.subject.name,
            subject_digest=record.subject.digest,
            verdict=record.verdict.exit_code,
            as_of=record.as_of,
            policy_id=record.policy.id,
            policy_version=record.policy.version,
        )

    @classmethod
    def of_baseline(cls, snapshot: MaintainersSnapshot, seal: Digest) -> Entry:
        """The entry of a signed maintainers snapshot."""
        return cls(
            kind=EntryKind.BASELINE,
            record=snapshot.digest,
            seal=seal,
            subject_name=snapshot.subject_name,
            subject_digest=snapshot.subject_digest,
            verdict=None,
            as_of=dt.date.fromisoformat(snapshot.taken[:10]),
        )

    def to_json(self) -> dict[str, Any]:
        """The entry as JSON; its canonical bytes are what is hashed."""
        body: dict[str, Any] = {
            "schema": SCHEMA,
            "kind": self.kind.value,
            "record": str(self.record),
            "seal": str(self.seal),
            "subject": {"name": self.subject_name, "digest": str(self.subject_digest)},
            "asOf": self.as_of.isoformat(),
        }
        if self.verdict is not None:
            body["verdict"] = self.verdict.name.lower()
            body["policy"] = {"id": self.policy_id, "version": self.policy_version}
        return body

    def to_bytes(self) -> bytes:
        """The leaf's bytes.

        Raises:
            BoundExceeded: a name makes them longer than :data:`MAX_ENTRY_BYTES`.
            HostileInput: a name has no form in JSON (a lone surrogate).
        """
        from rfc8785 import CanonicalizationError

        try:
            data = canonical(self.to_json())
        except CanonicalizationError as error:
            raise HostileInput("a name in the ledger entry is not Unicode text") from error
        if len(data) > MAX_ENTRY_BYTES:
            raise BoundExceeded("a ledger entry", MAX_ENTRY_BYTES, "bytes")
        return data

    @classmethod
    def from_bytes(cls, data: bytes) -> Entry:
        """Read an entry, in its one spelling.

        Raises:
            HostileInput: it is not one.
        """
        body: Any = load_json(data, source="a ledger entry", max_bytes=MAX_ENTRY_BYTES)
        try:
            kind = EntryKind(body["kind"])
            judged = kind is EntryKind.AUDIT
            entry = cls(
                kind=kind,
                record=Digest.parse(body["record"]),
                seal=Digest.parse(body["seal"]),
                subject_name=body["subject"]["name"],
                subject_digest=Digest.parse(body["subject"]["digest"]),
                verdict=ExitCode[body["verdict"].upper()] if judged else None,
                as_of=dt.date.fromisoformat(body["asOf"]),
                policy_id=body["policy"]["id"] if judged else "",
                policy_version=body["policy"]["version"] if judged else "",
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise HostileInput(f"a ledger entry is malformed ({type(error).__name__})") from error
        names = (entry.subject_name, entry.policy_id, entry.policy_version)
        if not all(isinstance(name, str) for name in names) or entry.to_bytes() != data:
            raise HostileInput("a ledger entry is not in canonical form")
        return entry
