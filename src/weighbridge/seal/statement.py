"""What a seal says: an in-toto Statement v1 over the files of a pack, in a DSSE envelope.

The predicate type is this project's own, so that an envelope made for another purpose under the
same key can never be taken for a seal.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from weighbridge.model.canonical import canonical
from weighbridge.model.digest import Digest, sha256
from weighbridge.model.errors import HostileInput

if TYPE_CHECKING:
    from weighbridge.model.record import AuditRecord
    from weighbridge.seal.keys import LocalKey
    from weighbridge.signing.bundle import Bundle

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:weighbridge:audit-record:v1"
RECORD_FILE = "audit.json"
SEAL_FILE = "audit.sigstore.json"
PDF_FILE = "report.pdf"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")


@dataclass(frozen=True, slots=True)
class Statement:
    """What a seal states. ``files`` are the pack's, by name, sorted; the seal is not among them."""

    files: tuple[tuple[str, Digest], ...]
    record_digest: Digest
    subject_name: str
    subject_digest: Digest
    gate_open: bool
    exit_code: int
    as_of: dt.date
    tool_version: str

    @classmethod
    def about(cls, record: AuditRecord, files: Mapping[str, bytes]) -> Statement:
        """The statement over a record and the files of its pack."""
        return cls(
            files=tuple(sorted((name, sha256(data)) for name, data in files.items())),
            record_digest=record.digest,
            subject_name=record.subject.name,
            subject_digest=record.subject.digest,
            gate_open=record.verdict.open,
            exit_code=int(record.verdict.exit_code),
            as_of=record.as_of,
            tool_version=record.tool_version,
        )

    def to_bytes(self) -> bytes:
        """The in-toto statement, in canonical JSON."""
        subjects = [{"name": name, "digest": {d.algorithm: d.value}} for name, d in self.files]
        audited = {
            "name": self.subject_name,
            "digest": {self.subject_digest.algorithm: self.subject_digest.value},
        }
        return canonical(
            {
                "_type": STATEMENT_TYPE,
                "subject": subjects,
                "predicateType": PREDICATE_TYPE,
                "predicate": {
                    "recordDigest": {self.record_digest.algorithm: self.record_digest.value},
                    "subject": audited,
                    "verdict": {"open": self.gate_open, "exitCode": self.exit_code},
                    "asOf": self.as_of.isoformat(),
                    "tool": {"name": "weighbridge", "version": self.tool_version},
                },
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Statement:
        """Read a statement back, strictly: the bytes must be those that :meth:`to_bytes` writes.

        Raises:
            HostileInput: it is another kind of statement, or not in that form.
        """
        from weighbridge.edge.json import load_json

        body = load_json(data, source="the seal's statement")
        try:
            if body["_type"] != STATEMENT_TYPE or body["predicateType"] != PREDICATE_TYPE:
                raise HostileInput("the statement is not a seal of an audit record")
            statement = cls._read(body)
            same = statement.to_bytes() == data
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise HostileInput(
                f"the seal's statement is malformed ({type(error).__name__})"
            ) from error
        if not same:
            raise HostileInput("the seal's statement is not in canonical form")
        return statement

    @classmethod
    def _read(cls, body: Any) -> Statement:
        files = tuple((_name(item["name"]), _digest(item["digest"])) for item in body["subject"])
        if list(files) != sorted(dict(files).items()):
            raise HostileInput("the seal's files are not sorted, or one stands twice")
        predicate = body["predicate"]
        verdict = predicate["verdict"]
        return cls(
            files=files,
            record_digest=_digest(predicate["recordDigest"]),
            subject_name=str(predicate["subject"]["name"]),
            subject_digest=_digest(predicate["subject"]["digest"]),
            gate_open=verdict["open"] is True,
            exit_code=int(verdict["exitCode"]),
            as_of=dt.date.fromisoformat(predicate["asOf"]),
            tool_version=str(predicate["tool"]["version"]),
        )

    def digest(self, name: str) -> Digest | None:
        """The digest of one of the files."""
        return dict(self.files).get(name)

    def differences(self, record: AuditRecord) -> list[str]:
        """What the statement says of the record that the record does not say itself."""
        own = Statement.about(record, {})
        fields = {
            "the record's digest": "record_digest",
            "the subject's name": "subject_name",
            "the subject's digest": "subject_digest",
            "the verdict": "gate_open",
            "the exit code": "exit_code",
            "the date": "as_of",
            "the tool's version": "tool_version",
        }
        return [
            words for words, name in fields.items() if getattr(self, name) != getattr(own, name)
        ]


def sign_statement(
    statement: Statement, signer: LocalKey, stamp: Callable[[bytes], bytes] | None = None
) -> Bundle:
    """The seal: a Sigstore bundle with the self-signed certificate.

    Args:
        stamp: gives the RFC 3161 timestamp over some bytes; Sigstore's convention is to stamp the
            envelope's signature. What it raises is passed on.
    """
    from weighbridge.seal.low_s import low_s
    from weighbridge.signing.bundle import Bundle
    from weighbridge.signing.dsse import IN_TOTO, Envelope, sign_envelope

    made = sign_envelope(signer.private, IN_TOTO, statement.to_bytes())
    signature = low_s(signer.private.public_key(), made.signature)
    envelope = Envelope(IN_TOTO, made.payload, signature)
    timestamps = (stamp(envelope.signature),) if stamp else ()
    return Bundle(envelope=envelope, certificates=(signer.certificate,), timestamps=timestamps)


def _name(value: object) -> str:
    """A file name directly inside the pack: no path can be smuggled in."""
    if not isinstance(value, str) or not _NAME.match(value):
        raise HostileInput("the seal names a file that a pack cannot have")
    return value


def _digest(value: object) -> Digest:
    if not isinstance(value, dict) or len(value) != 1:
        raise HostileInput("the seal gives a digest that is not exactly one")
    ((algorithm, text),) = value.items()
    return Digest(algorithm, text)
