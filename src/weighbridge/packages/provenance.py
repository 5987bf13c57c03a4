"""Provenance files of the package index (PEP 740), taken apart; nothing here is verified.

A provenance object (``<file>.provenance``) holds bundles of attestations, each with the publisher
that the index saw. An attestation alone (``<file>.publish.attestation``) says of no publisher. Both
speak of the one distribution whose name and SHA-256 stand in the in-toto statement.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.packages.source import MalformedSource

MAX_BYTES = 8 * 2**20
MAX_ATTESTATIONS = 100
MAX_STAMPS = 32
IN_TOTO = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
_INDEX = "pypi"  # put together below: no index's host name stands in this project as a literal
PUBLISH = f"https://docs.{_INDEX}.org/attestations/publish/v1"
# the kinds of statement that the index takes (PEP 740)
PREDICATES = (PUBLISH, "https://slsa.dev/provenance/v1")
_DISTRIBUTIONS = (".whl", ".tar.gz", ".zip")
_SUFFIXES = (".provenance", ".attestation")
_BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"


@dataclass(frozen=True, slots=True)
class Publisher:
    """A trusted publisher: who was allowed to upload.

    ``workflow`` is a file name for GitHub and a path for GitLab. ``account`` is for those that are
    no repository's workflow: an e-mail address.
    """

    kind: str
    repository: str = ""
    workflow: str = ""
    account: str = ""

    def __str__(self) -> str:
        """``GitHub owner/repository workflow``, or kind and account."""
        parts = (self.kind, self.repository, self.workflow, self.account)
        return visible(" ".join(part for part in parts if part))


@dataclass(frozen=True, slots=True)
class Attestation:
    """One attestation. ``bundle`` is it as a Sigstore bundle in JSON, which is what is verified.

    ``subject`` and ``sha256`` are what the statement in it attests.
    """

    subject: str
    sha256: str
    bundle: bytes
    publisher: Publisher | None


def attested_name(path: str) -> str:
    """The path of the distribution that a file by its name gives provenance of, else empty."""
    stem, dot, suffix = path.rpartition(".")
    if f"{dot}{suffix}" == ".attestation":
        stem = stem.rpartition(".")[0]  # of the kind: publish, slsa
    is_one = f"{dot}{suffix}" in _SUFFIXES and stem.endswith(_DISTRIBUTIONS)
    return stem if is_one else ""


def distribution_of(path: str) -> tuple[str, str]:
    """Normalized name and version by a distribution's file name.

    Raises:
        MalformedSource: it is not named as one.
    """
    from packaging.utils import (
        InvalidSdistFilename,
        InvalidWheelFilename,
        parse_sdist_filename,
        parse_wheel_filename,
    )

    name = path.rpartition("/")[2]
    try:
        if name.endswith(".whl"):
            package, version, _, _ = parse_wheel_filename(name)
        else:
            package, version = parse_sdist_filename(name)
    except (InvalidWheelFilename, InvalidSdistFilename) as error:
        raise MalformedSource(f"{visible(name, 200)} is not named as a distribution") from error
    return str(package), str(version)


def parse_provenance(data: bytes) -> tuple[Attestation, ...]:
    """The attestations of a provenance object, or the one that the file is.

    Raises:
        MalformedSource: it is not of the form, or of another version. Also HostileInput of a bound.
    """
    body = _object(load_json(data, source="the file", max_bytes=MAX_BYTES), "the file")
    if body.get("version") != 1:
        raise MalformedSource(f"it is of version {visible(str(body.get('version')), 20)}, not 1")
    if "attestation_bundles" not in body:
        return (_attestation(body, None),)
    found: list[Attestation] = []
    for bundle in _objects(body["attestation_bundles"], "its bundles"):
        publisher = _publisher(_object(bundle.get("publisher"), "its publisher"))
        for item in _objects(bundle.get("attestations"), "its attestations"):
            found.append(_attestation(item, publisher))
            if len(found) > MAX_ATTESTATIONS:
                raise MalformedSource(f"it holds more than {MAX_ATTESTATIONS} attestations")
    if not found:
        raise MalformedSource("it holds no attestation")
    return tuple(found)


def _attestation(item: dict[str, Any], publisher: Publisher | None) -> Attestation:
    if item.get("version") != 1:
        raise MalformedSource("an attestation in it is not of version 1")
    envelope = _object(item.get("envelope"), "an envelope")
    material = _object(item.get("verification_material"), "verification material")
    entries = _objects(material.get("transparency_entries"), "transparency entries")
    if not entries:
        raise MalformedSource("an attestation in it has no transparency entry")
    statement = _base64(envelope.get("statement"), "a statement")
    subject, digest = _subject(statement)
    verification: dict[str, Any] = {
        "certificate": {"rawBytes": _text(material.get("certificate"), "a certificate")},
        # PEP 740 allows for several; the signature is in each of them, and one is enough
        "tlogEntries": entries[:1],
    }
    stamps = material.get("timestamps")  # not in PEP 740: pypi-attestations writes them for Rekor 2
    if isinstance(stamps, list) and stamps:
        verification["timestampVerificationData"] = {
            "rfc3161Timestamps": [{"signedTimestamp": stamp} for stamp in stamps[:MAX_STAMPS]]
        }
    bundle = {
        "mediaType": _BUNDLE,
        "verificationMaterial": verification,
        "dsseEnvelope": {
            "payload": _text(envelope.get("statement"), "a statement"),
            "payloadType": IN_TOTO,
            "signatures": [{"sig": _text(envelope.get("signature"), "a signature")}],
        },
    }
    return Attestation(subject, digest, json.dumps(bundle).encode("utf-8"), publisher)


def _subject(statement: bytes) -> tuple[str, str]:
    """Name and SHA-256 of the one thing that an in-toto statement is about."""
    body = _object(load_json(statement, source="the statement"), "the statement")
    if body.get("_type") != STATEMENT:
        raise MalformedSource("what is signed is no in-toto statement of version 1")
    if body.get("predicateType") not in PREDICATES:
        kind = visible(str(body.get("predicateType")), 80)
        raise MalformedSource(f"the statement is of a kind that is not known here: {kind}")
    subjects = _objects(body.get("subject"), "the subjects")
    if len(subjects) != 1:
        raise MalformedSource(f"the statement is about {len(subjects)} things, and not about one")
    digest = _object(subjects[0].get("digest"), "the digest").get("sha256")
    return _text(subjects[0].get("name"), "a name"), _text(digest, "a SHA-256").lower()


def _publisher(item: dict[str, Any]) -> Publisher:
    """As the index writes it: GitHub, GitLab, Google, ActiveState and those to come."""
    kind = _text(item.get("kind"), "a publisher's kind")
    words = {
        key: value if isinstance(value, str) else ""
        for key in ("repository", "workflow", "workflow_filepath", "email")
        for value in (item.get(key),)
    }
    return Publisher(
        kind,
        words["repository"],
        words["workflow"] or words["workflow_filepath"],
        words["email"],
    )


def _base64(value: object, what: str) -> bytes:
    try:
        return base64.b64decode(_text(value, what), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedSource(f"{what} in it is not base64") from error


def _text(value: object, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise MalformedSource(f"{what} in it is missing, or no text")
    return value


def _object(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedSource(f"{what} is no JSON object")
    return value


def _objects(value: object, what: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or len(value) > MAX_ATTESTATIONS:
        raise MalformedSource(f"{what} are no list of at most {MAX_ATTESTATIONS}")
    return [_object(item, f"one of {what}") for item in value]
