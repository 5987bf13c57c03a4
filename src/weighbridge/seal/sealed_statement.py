"""Other statements under the sealing key: a verification summary, a result, each of its own type.

One key signs many things, so nothing that it signed may be taken for something else. DSSE signs the
payload's type with the payload, and an in-toto payload says what it is by its predicate type
(in-toto Statement v1). Both are fixed here for each output: whoever reads names the type that it
wants, and the seal's own is refused to all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput, SealError
from weighbridge.seal.statement import PREDICATE_TYPE, STATEMENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from weighbridge.seal.signer import SealSigner
    from weighbridge.signing.bundle import Bundle

SUFFIX = ".sigstore.json"


@dataclass(frozen=True, slots=True)
class SealedStatement:
    """A statement whose envelope was read; ``bundle`` holds signature and certificates."""

    bundle: Bundle
    predicate_type: str
    body: Any


def seal_statement(
    payload: bytes,
    signer: SealSigner,
    *,
    predicate_type: str,
    stamp: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """A Sigstore bundle around an in-toto statement, as it is written to a file.

    Args:
        payload: the statement in JSON; its bytes are signed as they are.
        signer: with whose key; its certificates go into the bundle.
        predicate_type: what the statement is, which it must say itself.
        stamp: gives an RFC 3161 timestamp over the envelope's signature. What it raises is passed
            on.

    Raises:
        SealError: it is no statement of that type, or of the seal's own.
    """
    from weighbridge.seal.seal_file import seal_bytes
    from weighbridge.signing.bundle import Bundle
    from weighbridge.signing.dsse import IN_TOTO, Envelope, pae

    try:
        found = _type_of(load_json(payload, source="the statement"))
    except HostileInput as error:
        raise SealError(f"the statement cannot be signed: {error.message}") from error
    if found != predicate_type or found == PREDICATE_TYPE:
        raise SealError(f"the statement is of the type {found!r} and may not be signed as this one")
    envelope = Envelope(IN_TOTO, payload, signer.sign(pae(IN_TOTO, payload)))
    stamps = (stamp(envelope.signature),) if stamp else ()
    return seal_bytes(Bundle(envelope, certificates=signer.certificates, timestamps=stamps))


def read_statement(data: bytes, *, predicate_type: str = "") -> SealedStatement:
    """Read what :func:`seal_statement` wrote. The signature is not verified yet.

    Raises:
        HostileInput: not of the form in which it is written, of another type than the given one, or
            of the seal's.
    """
    from weighbridge.seal.seal_file import read_bundle

    bundle = read_bundle(data)
    body = load_json(bundle.envelope.payload, source="the statement")
    found = _type_of(body)
    if found == PREDICATE_TYPE or (predicate_type and found != predicate_type):
        raise HostileInput(f"the statement is of the type {visible(found, 100)}")
    return SealedStatement(bundle, found, body)


def _type_of(body: Any) -> str:
    if not isinstance(body, dict) or body.get("_type") != STATEMENT_TYPE:
        raise HostileInput("it is no in-toto statement")
    found = body.get("predicateType")
    if not isinstance(found, str) or not found:
        raise HostileInput("it names no predicate type")
    return found
