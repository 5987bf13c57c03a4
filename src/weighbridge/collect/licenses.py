"""What a model declares as its license, and what its license files are."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import cast

from weighbridge.collect.card import CardState, CardValue, ModelCard, read_card
from weighbridge.collect.context import CollectContext
from weighbridge.licensing.files import (
    MAX_FILES,
    MAX_TOTAL_BYTES,
    EmptyLicense,
    LicenseFile,
    identify_file,
    is_license_path,
    license_files,
)
from weighbridge.licensing.ids import Resolution, resolve, suggestions
from weighbridge.licensing.text import Identification
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.license import LicenseFacts, LicensePlace, LicenseSearch
from weighbridge.snapshot.snapshot import Snapshot

NAME = "licenses"
KINDS: tuple[EvidenceKind, ...] = (EvidenceKind.LICENSE,)
_COLLECTOR = f"{NAME}@1"
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.I)


def collect(ctx: CollectContext) -> tuple[Evidence, ...]:
    """Every declared id and every license file; ``absent`` where there is neither."""
    card = read_card(ctx.snapshot)
    linked = _link_path(card.license_link)
    files = license_files(ctx.snapshot, also=(linked,) if linked else ())
    evidence = (*_declared(card, ctx.snapshot), *_detected(ctx.snapshot, files))
    if any(_states_license(e) for e in evidence):
        return evidence
    search: LicenseSearch = {
        "card": card.path,
        "has_front_matter": card.has_front_matter,
        "files": [f.artifact.path for f in files],
    }
    where = card.path or "the subject"
    reason = f"{where} declares no license, and no license file holds one"
    nothing = Evidence(
        EvidenceKind.LICENSE, "", EvidenceState.ABSENT, "snapshot", _COLLECTOR, reason, search
    )
    return (*evidence, nothing)


def _states_license(evidence: Evidence) -> bool:
    """Whether a license is stated there, or may be: a notice and an empty file state none."""
    if evidence.state is EvidenceState.OBSERVED:
        return cast(LicenseFacts, evidence.data)["role"] != "notice"
    return evidence.state is not EvidenceState.ABSENT


def _declared(card: ModelCard, snapshot: Snapshot) -> Iterator[Evidence]:
    """One piece of evidence for each id under ``license``, or else under ``licence``."""
    if card.state is CardState.BROKEN:
        reason = f"the model card could not be read: {card.reason}"
        yield _unavailable(card.path, reason, part="card", line=card.line)
        return
    key = "license" if card.license else "licence"
    seen = set()
    for value in card.license or card.licence:
        if value.text in seen:
            continue
        seen.add(value.text)
        yield _observed(card.path, _declared_facts(card, key, value, snapshot))


def _declared_facts(
    card: ModelCard, key: str, value: CardValue, snapshot: Snapshot
) -> LicenseFacts:
    resolution = resolve(value.text)
    if not value.plain:
        resolution = Resolution("", (), "unknown", f"it is {value.text} and not an id")
    facts = _facts("declared", value.text)
    facts["key"] = key
    facts["id"] = resolution.id
    facts["symbols"] = list(resolution.symbols)
    facts["family"] = list(resolution.family)
    facts["names_text"] = resolution.names_text
    facts["status"] = resolution.status
    facts["why"] = resolution.why
    facts["line"] = value.line
    facts["license_name"] = card.license_name
    facts["license_link"] = card.license_link
    linked = _link_path(card.license_link)
    if card.license_link:
        there = bool(linked) and snapshot.find(linked) is not None
        facts["link_state"] = ("file" if there else "missing") if linked else "url"
    facts["suggestions"] = list(suggestions(value.text)) if resolution.status == "unknown" else []
    facts["file_digest"] = card.digest
    return facts


def _link_path(link: str) -> str:
    """The path inside the subject that ``license_link`` means; empty for an address."""
    if not link or _ADDRESS.match(link):
        return ""
    path = posixpath.normpath(link.partition("#")[0].strip().lstrip("/") or ".")
    return "" if path == "." else path


def _detected(snapshot: Snapshot, files: tuple[LicenseFile, ...]) -> Iterator[Evidence]:
    for problem in snapshot.problems:
        if is_license_path(problem.path):
            yield _unavailable(problem.path, problem.detail)
    total = 0
    for file in files[:MAX_FILES]:
        path = file.artifact.path
        total += file.artifact.size
        try:
            if total > MAX_TOTAL_BYTES:
                raise BoundExceeded("the license files taken together", MAX_TOTAL_BYTES, "bytes")
            identified = identify_file(snapshot, file.artifact)
        except EmptyLicense as error:
            yield Evidence(
                EvidenceKind.LICENSE, path, EvidenceState.ABSENT, f"file:{path}", _COLLECTOR,
                f"it is named as a license file, and {error.message}",
            )  # fmt: skip
        except HostileInput as error:
            yield _unavailable(path, error.message)
        else:
            yield _observed(path, _detected_facts(file, identified))
    if len(files) > MAX_FILES:
        reason = f"there are {len(files)} license files, and the first {MAX_FILES} were read"
        yield _unavailable(files[MAX_FILES].artifact.path, reason)


def _detected_facts(file: LicenseFile, found: Identification) -> LicenseFacts:
    facts = _facts("notice" if file.notice else "detected", posixpath.basename(file.artifact.path))
    facts["id"] = " AND ".join(found.ids)
    facts["symbols"] = list(found.ids)
    facts["also"] = list(found.also)
    facts["names_text"] = bool(found.ids)
    facts["status"] = "known" if found.ids else "other" if file.notice else "unknown"
    facts["why"] = "" if found.ids else _why(found)
    facts["nearest"] = found.nearest
    facts["similarity_permille"] = found.similarity_permille
    facts["held"] = list(found.held)
    facts["extra_words"] = found.extra_words
    facts["places"] = list(found.places)
    digest = file.artifact.digest()
    facts["file_digest"] = digest.value if digest else ""
    facts["nested"] = file.nested
    facts["component"] = file.component
    return facts


def _why(found: Identification) -> str:
    if found.held:
        texts = " and ".join(found.held)
        return f"it holds the whole text of {texts}, and {found.extra_words} words more"
    if found.nearest:
        share = f"{found.similarity_permille // 10}.{found.similarity_permille % 10} %"
        return f"it is a variant of {found.nearest}, with {share} of its wording in common"
    return "it is like no license text that is known here"


def _facts(role: str, raw: str) -> LicenseFacts:
    """Facts with nothing in them yet."""
    return {
        "role": "declared" if role == "declared" else "notice" if role == "notice" else "detected",
        "raw": raw,
        "key": "",
        "id": "",
        "symbols": [],
        "also": [],
        "family": [],
        "names_text": False,
        "status": "unknown",
        "why": "",
        "line": 0,
        "license_name": "",
        "license_link": "",
        "link_state": "",
        "nearest": "",
        "similarity_permille": 0,
        "held": [],
        "extra_words": 0,
        "places": [],
        "suggestions": [],
        "file_digest": "",
        "nested": False,
        "component": False,
    }


def _observed(path: str, facts: LicenseFacts) -> Evidence:
    return Evidence(
        EvidenceKind.LICENSE,
        path,
        EvidenceState.OBSERVED,
        f"file:{path}",
        _COLLECTOR,
        data=facts,
    )


def _unavailable(path: str, reason: str, *, part: str = "file", line: int = 0) -> Evidence:
    place: LicensePlace = {"part": "card" if part == "card" else "file", "path": path, "line": line}
    return Evidence(
        EvidenceKind.LICENSE,
        path,
        EvidenceState.UNAVAILABLE,
        f"file:{path}",
        _COLLECTOR,
        reason,
        place,
    )
