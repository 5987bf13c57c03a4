"""What was read from attestations: a named person's word on a control no machine can check.

Evidence of kind ``attestation``: one a file, about its path, with :class:`AttestationFacts`; where
there is none, one about the whole subject (``about`` is empty) that is ``absent``. A file that
could not be read as an attestation is ``unavailable``. ``source`` is ``file:<path>`` for one inside
the subject and ``attestations:<path>`` for one in the folder that was given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from weighbridge.model.facts.signature import SignerFacts, SigningFacts


class PersonFacts(TypedDict):
    """Who attests, as they write it themselves; ``email`` may be empty."""

    name: str
    role: str
    email: str


class EvidenceFileFacts(TypedDict):
    """A file that the person refers to: ``size`` in bytes, ``sha256`` in hex.

    ``state``: ``same`` or ``changed`` where a file of that name lies beside the attestation,
    ``not-here`` where none does, ``unread`` where it could not be hashed.
    """

    name: str
    sha256: str
    size: int
    state: str


class AttestationFacts(TypedDict):
    """One attestation, whatever its state.

    ``made`` and ``expires`` are ISO 8601 dates, the second the last day on which it counts; whether
    that day is past is for the rule to say. ``signature_state`` is ``valid`` (a trusted signer's),
    ``invalid``, ``no-known-key``, ``untrusted`` or ``unsupported``, with the ``reason`` in words.
    ``bound``: ``this`` subject, ``another``, or ``undetermined`` where a file could not be read;
    ``bound_reason`` says why. ``subject_digest`` is the digest that it names. ``mode``,
    ``valid_for`` and ``signing`` are as in a model's signature.
    """

    control: str
    statement: str
    person: PersonFacts
    made: str
    expires: str
    tool_version: str
    subject_name: str
    subject_digest: str
    bound: str
    bound_reason: str
    signature_state: str
    reason: str
    mode: str
    hint: str
    valid_for: Sequence[SignerFacts]
    evidence: Sequence[EvidenceFileFacts]
    signing: SigningFacts
