"""What a person attests: an in-toto Statement v1 about one subject, in a signed DSSE envelope.

The predicate type is this project's own. A model's signature, a seal or any other envelope under
the same key can so never count as an attestation, nor an attestation as one of them.

The file is read strictly: its bytes must be those that :class:`weighbridge.signing.bundle.Bundle`
and :meth:`Attestation.to_bytes` write. Nothing can then hide in a file that the digest of its own
subject leaves out (see :mod:`weighbridge.signing.attested`).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from weighbridge.edge.json import load_json
from weighbridge.edge.text import paragraph, visible
from weighbridge.model.canonical import canonical
from weighbridge.model.digest import Digest
from weighbridge.model.errors import HostileInput
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.dsse import IN_TOTO
from weighbridge.signing.errors import MalformedBundle, UnrelatedSignature

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:weighbridge:attestation:v1"
SUFFIX = ".attestation.json"

MAX_FILE_BYTES = 2**20
MAX_STATEMENT = 10_000  # characters, as all below
MAX_LINE = 200
MAX_EMAIL = 254  # RFC 5321, section 4.5.3.1.3, without the angle brackets
MAX_EVIDENCE = 100  # files
_MAX_SIZE = 2**53 - 1  # what canonical JSON can say

_CONTROL = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\Z")


@dataclass(frozen=True, slots=True, order=True)
class EvidenceFile:
    """A file that the person refers to: its name without a folder, SHA-256, size in bytes."""

    name: str
    digest: Digest
    size: int


@dataclass(frozen=True, slots=True)
class Attestation:
    """A person's statement on a control, for one subject and a while.

    ``subject_digest`` is that of :func:`weighbridge.signing.attested.attested_digest`.
    ``expires`` is the last day on which it counts. ``evidence`` is sorted, each name once.

    Raises:
        HostileInput: a field is empty, too long, not plain text or not of its form.
    """

    control: str
    statement: str
    name: str
    role: str
    email: str
    made: dt.date
    expires: dt.date
    subject_name: str
    subject_digest: Digest
    evidence: tuple[EvidenceFile, ...]
    tool_version: str

    def __post_init__(self) -> None:
        if not _CONTROL.match(self.control) or len(self.control) > MAX_LINE:
            raise HostileInput("the attestation's control is not the id of one")
        for what, text in (
            ("the person's name", self.name),
            ("the person's role", self.role),
            ("the subject's name", self.subject_name),
            ("the tool's version", self.tool_version),
        ):
            check_line(what, text)
        if self.email and (len(self.email) > MAX_EMAIL or not _EMAIL.match(self.email)):
            raise HostileInput("the person's e-mail address is not of the form name@domain")
        check_line("the person's e-mail address", self.email or "none")
        check_statement(self.statement)
        if self.subject_digest.algorithm != "dirHash1":
            raise HostileInput("the attestation's subject is not named by a dirHash1")
        if self.expires < self.made:
            raise HostileInput("the attestation expires before the day it was made")
        if len(self.evidence) > MAX_EVIDENCE:
            raise HostileInput(f"the attestation names more than {MAX_EVIDENCE} files")
        names = [file.name for file in self.evidence]
        if names != sorted(set(names)):
            raise HostileInput("the attestation's files are not sorted, or one stands twice")
        for file in self.evidence:
            _check_file(file)

    def to_bytes(self) -> bytes:
        """The in-toto statement, in canonical JSON."""
        # dirHash1 is a SHA-256, and Sigstore signs statements about no other algorithm's digests;
        # OMS names its root digest so as well. The predicate says over what it was computed.
        subject = {"name": self.subject_name, "digest": {"sha256": self.subject_digest.value}}
        files = [{"name": f.name, "sha256": f.digest.value, "size": f.size} for f in self.evidence]
        return canonical(
            {
                "_type": STATEMENT_TYPE,
                "subject": [subject],
                "predicateType": PREDICATE_TYPE,
                "predicate": {
                    "control": self.control,
                    "statement": self.statement,
                    "subjectDigest": str(self.subject_digest),
                    "person": {"name": self.name, "role": self.role, "email": self.email},
                    "made": self.made.isoformat(),
                    "expires": self.expires.isoformat(),
                    "evidence": files,
                    "tool": {"name": "weighbridge", "version": self.tool_version},
                },
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Attestation:
        """Read a statement back; the bytes must be those that :meth:`to_bytes` writes.

        Raises:
            UnrelatedSignature: a statement of another kind, such as a model's signature.
            HostileInput: it is not in that form.
        """
        body = load_json(data, source="the attestation's statement", max_bytes=MAX_FILE_BYTES)
        try:
            kind = body["predicateType"]
            if body["_type"] != STATEMENT_TYPE or kind != PREDICATE_TYPE:
                shown = visible(kind, 200) if isinstance(kind, str) else ""
                raise UnrelatedSignature(
                    f"the signed statement is no attestation but of the type {shown!r}",
                    predicate_type=shown,
                )
            read = cls._read(body)
            same = read.to_bytes() == data
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise HostileInput(
                f"the attestation's statement is malformed ({type(error).__name__})"
            ) from error
        if not same:
            raise HostileInput("the attestation's statement is not in canonical form")
        return read

    @classmethod
    def _read(cls, body: Any) -> Attestation:
        (subject,) = body["subject"]
        predicate = body["predicate"]
        person = predicate["person"]
        return cls(
            control=_text(predicate["control"]),
            statement=_text(predicate["statement"]),
            name=_text(person["name"]),
            role=_text(person["role"]),
            email=_text(person["email"]),
            made=dt.date.fromisoformat(_text(predicate["made"])),
            expires=dt.date.fromisoformat(_text(predicate["expires"])),
            subject_name=_text(subject["name"]),
            subject_digest=Digest.parse(_text(predicate["subjectDigest"])),
            evidence=tuple(_file(item) for item in predicate["evidence"]),
            tool_version=_text(predicate["tool"]["version"]),
        )


class ReadAttestation(NamedTuple):
    """An attestation's file taken apart; nothing of it is verified."""

    bundle: Bundle
    attestation: Attestation


def read_attestation(data: bytes) -> ReadAttestation:
    """Take an attestation's file apart.

    Raises:
        UnrelatedSignature: a signature over something else.
        HostileInput: it is no attestation, or not the bytes that are written for it.
    """
    if len(data) > MAX_FILE_BYTES:
        raise HostileInput(f"the attestation is larger than {MAX_FILE_BYTES} bytes")
    bundle = Bundle.from_bytes(data)
    if bundle.envelope.payload_type != IN_TOTO:
        kind = visible(bundle.envelope.payload_type, 100)
        raise UnrelatedSignature(f"what is signed is no in-toto statement but {kind!r}")
    attestation = Attestation.from_bytes(bundle.envelope.payload)
    if bundle.to_bytes() != data:
        raise MalformedBundle("the attestation's file is not in the form that is written for it")
    return ReadAttestation(bundle, attestation)


def check_line(what: str, text: str) -> None:
    """Refuse what is not one line of plain text.

    Raises:
        HostileInput: it is empty, too long, or holds characters that do not show as themselves.
    """
    if not text.strip():
        raise HostileInput(f"{what} is empty")
    if len(text) > MAX_LINE:
        raise HostileInput(f"{what} is longer than {MAX_LINE} characters")
    if visible(text) != text:
        raise HostileInput(f"{what} holds control characters or line breaks")


def check_statement(text: str) -> None:
    """Refuse a statement that says nothing, or that shows as something else than it is.

    Raises:
        HostileInput: it is empty, too long, or holds control characters.
    """
    if not text.strip():
        raise HostileInput("the statement is empty")
    if len(text) > MAX_STATEMENT:
        raise HostileInput(f"the statement is longer than {MAX_STATEMENT} characters")
    if paragraph(text, MAX_STATEMENT) != text.removesuffix("\n"):
        raise HostileInput("the statement holds control characters")


def check_file_name(name: str) -> None:
    """Refuse what is not the plain name of a file in the attestation's own folder.

    Raises:
        HostileInput: with the reason.
    """
    check_line("the name of an evidence file", name)
    if "/" in name or "\\" in name or name in (".", ".."):
        raise HostileInput("an evidence file is named by a path, and only its own name may stand")


def _check_file(file: EvidenceFile) -> None:
    check_file_name(file.name)
    if not 0 <= file.size <= _MAX_SIZE:
        raise HostileInput("the size of an evidence file is no number of bytes")


def _file(item: Any) -> EvidenceFile:
    size = item["size"]
    if type(size) is not int:
        raise HostileInput("the size of an evidence file is no number of bytes")
    return EvidenceFile(_text(item["name"]), Digest("sha256", _text(item["sha256"])), size)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise HostileInput("a field of the attestation is not text")
    return value
