"""What a seal says: an in-toto Statement v1 over the files of a pack, in a DSSE envelope.

The predicate type is this project's own, so that an envelope made for another purpose under the
same key can never be taken for a seal.
"""

from __future__ import annotations

import dataclasses
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
    from weighbridge.seal.signer import SealSigner
    from weighbridge.signing.bundle import Bundle

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:weighbridge:audit-record:v1"
RECORD_FILE = "audit.json"
SEAL_FILE = "audit.sigstore.json"
PDF_FILE = "report.pdf"
PROOF_FILE = "audit.tlog-proof"  # a ledger's proof, made after the seal; weighbridge.ledger.proof
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")


@dataclass(frozen=True, slots=True)
class Statement:
    """What a seal states. ``files`` are the pack's, by name, sorted; the seal is not among them.

    ``drawn_with`` are the libraries that drew the PDF, by name and version: with the same ones the
    same bytes come out. ``certificates`` are the digests of the signer's and those above it: no
    other signature covers the last of them.
    """

    files: tuple[tuple[str, Digest], ...]
    record_digest: Digest
    subject_name: str
    subject_digest: Digest
    gate_open: bool
    exit_code: int
    as_of: dt.date
    tool_version: str
    drawn_with: tuple[tuple[str, str], ...] = ()
    certificates: tuple[Digest, ...] = ()

    @classmethod
    def about(
        cls,
        record: AuditRecord,
        files: Mapping[str, bytes],
        drawn_with: tuple[tuple[str, str], ...] = (),
    ) -> Statement:
        """The statement over a record and the files of its pack."""
        return cls(
            drawn_with=drawn_with,
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
        libraries: dict[str, Any] = {"libraries": dict(self.drawn_with)} if self.drawn_with else {}
        named = [{digest.algorithm: digest.value} for digest in self.certificates]
        certificates: dict[str, Any] = {"certificates": named} if named else {}
        predicate: dict[str, Any] = {
            "recordDigest": {self.record_digest.algorithm: self.record_digest.value},
            "subject": audited,
            "verdict": {"open": self.gate_open, "exitCode": self.exit_code},
            "asOf": self.as_of.isoformat(),
            "tool": {"name": "weighbridge", "version": self.tool_version, **libraries},
            **certificates,
        }
        return canonical(
            {
                "_type": STATEMENT_TYPE,
                "subject": subjects,
                "predicateType": PREDICATE_TYPE,
                "predicate": predicate,
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
            drawn_with=tuple(
                (str(name), str(version))
                for name, version in sorted(predicate["tool"].get("libraries", {}).items())
            ),
            certificates=tuple(_digest(each) for each in predicate.get("certificates", ())),
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
    statement: Statement, signer: SealSigner, stamp: Callable[[bytes], bytes] | None = None
) -> Bundle:
    """The seal: a Sigstore bundle with the signer's certificates, which the statement names.

    Args:
        stamp: gives the RFC 3161 timestamp over some bytes; Sigstore's convention is to stamp the
            envelope's signature. What it raises is passed on.
    """
    from weighbridge.seal.sigstore_seal import SigstoreSeal
    from weighbridge.signing.bundle import Bundle
    from weighbridge.signing.dsse import IN_TOTO, Envelope, pae

    named = tuple(sha256(der) for der in signer.certificates)
    payload = dataclasses.replace(statement, certificates=named).to_bytes()
    if isinstance(signer, SigstoreSeal):
        return _stamped(signer.seal(payload), stamp)
    envelope = Envelope(IN_TOTO, payload, signer.sign(pae(IN_TOTO, payload)))
    timestamps = (stamp(envelope.signature),) if stamp else ()
    return Bundle(envelope=envelope, certificates=signer.certificates, timestamps=timestamps)


def _stamped(bundle: Bundle, stamp: Callable[[bytes], bytes] | None) -> Bundle:
    """The bundle with a timestamp, where its Sigstore instance gives none."""
    if bundle.timestamps or stamp is None:
        return bundle
    return dataclasses.replace(bundle, timestamps=(stamp(bundle.envelope.signature),))


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
