"""Baselines: a maintainers snapshot, signed as an in-toto Statement v1 in a DSSE envelope.

The predicate is the document itself, the subject is its SHA-256, and the predicate type is this
format's own: no other signature under the same key counts as a baseline, nor a baseline as another.

A file without a signature is the document alone: it can be compared, and is never believed.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from weighbridge.edge.text import visible
from weighbridge.model.canonical import canonical
from weighbridge.model.digest import Digest, sha256
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.model.evidence import EvidenceState
from weighbridge.model.facts.project import ProjectFacts
from weighbridge.model.facts_shape import field_checks
from weighbridge.model.maintainers_snapshot import (
    SCHEMA,
    KeptProject,
    MaintainersSnapshot,
)
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.dsse import IN_TOTO
from weighbridge.signing.errors import MalformedBundle, UnrelatedSignature
from weighbridge.signing.signers import Signer

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:weighbridge:maintainers-snapshot:v1"
SUFFIX = ".maintainers.json"

MAX_FILE_BYTES = 64 * 2**20  # as a Sigstore bundle
MAX_DOCUMENT_BYTES = 47 * 2**20  # what fits into it in base64
MAX_PROJECTS = 5_000
MAX_TEXT = 4_000  # characters
MAX_RAW = 1_000  # digests of answers about one project

# How canonical JSON is written where keys are ASCII and no number needs an exponent. To read a file
# this way and compare takes a third of the time of looking at each object for a key that is twice.
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":")
)
_BEGINNING = b'{"projects":'  # of a document; a bundle begins otherwise
_LEVELS = sys.getrecursionlimit()
_TAKEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z", re.ASCII)


class ReadSnapshot(NamedTuple):
    """A file taken apart; nothing of it is verified. ``bundle`` is None where nobody signed it.

    ``digest`` is that of the document's bytes as they stand in the file.
    """

    bundle: Bundle | None
    snapshot: MaintainersSnapshot
    digest: Digest


def sign_snapshot(snapshot: MaintainersSnapshot, signer: Signer) -> bytes:
    """The baseline's file.

    Raises:
        BoundExceeded: the document is too large to be read again.
        HostileInput: something in it is not as it must be.
    """
    payload = statement(snapshot.to_bytes(), snapshot.subject_name)
    read_statement(payload)  # what would not be read must not be signed
    return signer.sign(IN_TOTO, payload).to_bytes()


def statement(document: bytes, name: str) -> bytes:
    """The in-toto statement over a document, in canonical JSON."""
    before, after = _around(document, name)
    return before + document + after


def read_snapshot(
    data: bytes, known: MaintainersSnapshot | None = None, *, strict: bool = True
) -> ReadSnapshot:
    """Take a snapshot's file apart, signed or not.

    Args:
        data: the file.
        known: another one that was read: what stands there as well need not be checked again.
        strict: refuse any spelling but the one that is written. To compare two files that nobody
            is asked to believe, it may be left out, which saves a third of the time.

    Raises:
        UnrelatedSignature: a signature over something else.
        HostileInput: it is no snapshot, or past a bound.
    """
    if len(data) > MAX_FILE_BYTES:
        raise BoundExceeded("the snapshot", MAX_FILE_BYTES, "bytes")
    if data.startswith(_BEGINNING):
        document = data.removesuffix(b"\n")
        read = read_document(document, known, strict=strict)
        return ReadSnapshot(None, read, sha256(document))
    bundle = Bundle.from_bytes(data)
    if bundle.envelope.payload_type != IN_TOTO:
        kind = visible(bundle.envelope.payload_type, 100)
        raise UnrelatedSignature(f"what is signed is no in-toto statement but {kind!r}")
    snapshot, digest = read_statement(bundle.envelope.payload, known, strict=strict)
    if bundle.envelope.keyid or (strict and bundle.to_bytes() != data):
        raise MalformedBundle("the snapshot's file is not in the form that is written for it")
    if bundle.log_entries and not bundle.keyless:
        raise MalformedBundle("the snapshot has entries of a log, and is not signed by Sigstore")
    return ReadSnapshot(bundle, snapshot, digest)


def read_statement(
    payload: bytes, known: MaintainersSnapshot | None = None, *, strict: bool = True
) -> tuple[MaintainersSnapshot, Digest]:
    """The document in a statement, and its digest.

    Raises:
        UnrelatedSignature: a statement of another kind, such as an attestation.
        HostileInput: it is not in the form that :func:`statement` writes.
    """
    body = _json(payload, "the snapshot's statement", MAX_FILE_BYTES, strict=strict)
    kind = body.get("predicateType") if isinstance(body, dict) else None
    if not isinstance(body, dict) or body.get("_type") != STATEMENT_TYPE or kind != PREDICATE_TYPE:
        shown = visible(kind, 200) if isinstance(kind, str) else ""
        raise UnrelatedSignature(
            f"the signed statement is no maintainers snapshot but of the type {shown!r}",
            predicate_type=shown,
        )
    snapshot = _document(body.get("predicate"), known)
    # a digest has always as many digits, so where the document begins and ends is known
    before, after = _around(b"", snapshot.subject_name)
    document = payload[len(before) : len(payload) - len(after)]
    if len(document) > MAX_DOCUMENT_BYTES:
        raise BoundExceeded("the snapshot's document", MAX_DOCUMENT_BYTES, "bytes")
    if statement(document, snapshot.subject_name) != payload:
        raise HostileInput("the snapshot's statement does not name the document that it holds")
    return snapshot, sha256(document)


def read_document(
    data: bytes, known: MaintainersSnapshot | None = None, *, strict: bool = True
) -> MaintainersSnapshot:
    """A document that nobody signed.

    Raises:
        HostileInput: it is none, or past a bound.
    """
    body = _json(data, "the snapshot", MAX_DOCUMENT_BYTES, strict=strict)
    return _document(body, known)


def _json(data: bytes, source: str, limit: int, *, strict: bool) -> Any:
    """JSON, where strict in its one canonical spelling (RFC 8785), which has no key twice.

    Raises:
        BoundExceeded: it is too large, or nested too deeply.
        HostileInput: it is not JSON, or in another spelling.
    """
    if len(data) > limit:
        raise BoundExceeded(source, limit, "bytes")
    try:
        value = json.loads(data.decode("utf-8"), parse_constant=_no_constant)
        same = not strict or _ENCODER.encode(value).encode("utf-8") == data
    except RecursionError as error:
        raise BoundExceeded(f"the nesting of {source}", _LEVELS, "levels") from error
    except ValueError as error:
        raise HostileInput(f"{source} is not valid JSON: {error}") from error
    if not same:
        raise HostileInput(f"{source} is not in canonical form")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _around(document: bytes, name: str) -> tuple[bytes, bytes]:
    """What stands before and after the document in its statement."""
    whole = canonical(
        {
            "_type": STATEMENT_TYPE,
            "predicate": 0,
            "predicateType": PREDICATE_TYPE,
            "subject": [{"name": name, "digest": {"sha256": sha256(document).value}}],
        }
    )
    before, mark, after = whole.partition(b'"predicate":')
    return before + mark, after.removeprefix(b"0")


def _plain(text: str) -> bool:
    return (text.isascii() and text.isprintable()) or visible(text, len(text)) == text


_FACTS = field_checks(ProjectFacts, is_plain=_plain, max_text=MAX_TEXT)


def _document(body: Any, known: MaintainersSnapshot | None) -> MaintainersSnapshot:
    table = _table(body, "the snapshot", ("schema", "taken", "subject", "projects", "tool"))
    if table["schema"] != SCHEMA:
        raise HostileInput(f"the snapshot does not have the schema {SCHEMA}")
    subject = _table(table["subject"], "the snapshot's subject", ("name", "digest"))
    tool = _table(table["tool"], "the snapshot's tool", ("name", "version"))
    if _text(tool["name"], "the tool's name") != "weighbridge":
        raise HostileInput("the snapshot was not made by weighbridge")
    projects = _list(table["projects"], "the snapshot", MAX_PROJECTS, "projects")
    checked = {p.about: p.facts for p in known.projects} if known else {}
    read = tuple(_project(item, checked) for item in projects)
    names = [project.about for project in read]
    if any(one >= other for one, other in itertools.pairwise(names)):
        raise HostileInput("the snapshot's projects are not sorted, or one stands twice")
    return MaintainersSnapshot(
        taken=_taken(table["taken"]),
        subject_name=_text(subject["name"], "the subject's name"),
        subject_digest=_digest(subject["digest"]),
        projects=read,
        tool_version=_text(tool["version"], "the tool's version"),
    )


def _project(value: object, checked: Mapping[str, Mapping[str, Any] | None]) -> KeptProject:
    row = _table(value, "a project", ("about", "state", "facts", "reason", "evidence", "raw"))
    about, reason = _text(row["about"], "a project's name"), _text(row["reason"], "a reason")
    if not about.startswith("pkg:"):
        raise HostileInput("a project of the snapshot is not named by a package URL")
    facts = row["facts"]
    state = _state(row["state"])
    if (facts is not None) is not (state is EvidenceState.OBSERVED):
        raise HostileInput("a project of the snapshot has facts, or none, against its state")
    if facts is not None:
        facts = _facts(facts, checked.get(about) or {})
    elif not reason:
        raise HostileInput("a project of the snapshot has neither facts nor a reason for that")
    raw = _list(row["raw"], "a project", MAX_RAW, "digests")
    evidence = _digest(row["evidence"])
    return KeptProject(about, state, facts, reason, evidence, tuple(_digest(item) for item in raw))


def _facts(value: object, checked: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of the right shape; a field that is as one that was checked is that one.

    So it is that one's value which counts: 1 is equal to true.
    """
    table = _table(value, "a project's facts", tuple(_FACTS))
    for name, check in _FACTS.items():
        if name in checked and table[name] == checked[name]:
            table[name] = checked[name]
        else:
            check(table[name])
    return table


def _state(value: object) -> EvidenceState:
    try:
        return EvidenceState(_text(value, "a project's state"))
    except ValueError as error:
        raise HostileInput("a project of the snapshot is in no state that there is") from error


def _table(value: object, what: str, keys_: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != set(keys_):
        raise HostileInput(f"{what} is not an object with the keys {', '.join(keys_)}")
    return value


def _list(value: object, what: str, most: int, unit: str) -> list[Any]:
    if not isinstance(value, list):
        raise HostileInput(f"{what} has no list of {unit}")
    if len(value) > most:
        raise BoundExceeded(what, most, unit)
    return value


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise HostileInput(f"{what} is not a text")
    if len(value) > MAX_TEXT:
        raise BoundExceeded(what, MAX_TEXT, "characters")
    if not _plain(value):
        raise HostileInput(f"{what} holds characters that do not show as themselves")
    return value


def _digest(value: object) -> Digest:
    return Digest.parse(_text(value, "a digest"))


def _taken(value: object) -> str:
    text = _text(value, "the time at which it was taken")
    try:
        if not _TAKEN.match(text):
            raise ValueError("not of the form 2026-11-20T09:00:00Z")
        dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise HostileInput("the time at which the snapshot was taken is no time") from error
    return text
