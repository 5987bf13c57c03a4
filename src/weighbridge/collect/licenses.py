"""What a model declares as its license, and what its license files are."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import cast

from weighbridge.collect.card import CardState, CardValue, ModelCard, read_card
from weighbridge.collect.context import CollectContext
from weighbridge.collect.licenses_facts import COLLECTOR, no_facts, observed, shown, unavailable
from weighbridge.collect.licenses_prose import headers, prose
from weighbridge.licensing.files import (
    MAX_FILES,
    MAX_TOTAL_BYTES,
    EmptyLicense,
    LicenseFile,
    is_license_path,
    is_policy_path,
    license_files,
    read_license,
)
from weighbridge.licensing.files_said import (
    policy_licenses,
    policy_links,
    said_in_notice,
    territories,
)
from weighbridge.licensing.ids import Resolution, resolve, suggestions
from weighbridge.licensing.text import Identification, identify
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.license import LicenseFacts, LicensePlace, LicenseSearch, Role
from weighbridge.snapshot.snapshot import Snapshot

NAME = "licenses"
KINDS: tuple[EvidenceKind, ...] = (EvidenceKind.LICENSE,)
MAX_DIFFERENCE = 400  # characters of one difference that are kept
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.I)


def collect(ctx: CollectContext) -> tuple[Evidence, ...]:
    """Every declared id and every license file; ``absent`` where there is neither."""
    card = read_card(ctx.snapshot)
    linked = _link_path(card.license_link)
    files = license_files(ctx.snapshot, also=(linked,) if linked else ())
    evidence = (
        *_declared(card, ctx.snapshot),
        *_detected(ctx.snapshot, files),
        *prose(ctx.snapshot, card),
        *headers(ctx.snapshot),
    )
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
        EvidenceKind.LICENSE, "", EvidenceState.ABSENT, "snapshot", COLLECTOR, reason, search
    )
    return (*evidence, nothing)


def _states_license(evidence: Evidence) -> bool:
    """Whether a license is declared there, or the text of one held, or may be.

    A notice, a use policy and an empty file are none; a sentence is told of by itself.
    """
    if evidence.state is EvidenceState.OBSERVED:
        return cast(LicenseFacts, evidence.data)["role"] in ("declared", "detected")
    if evidence.state is EvidenceState.ABSENT:
        return False
    return cast(LicensePlace, evidence.data)["part"] in ("card", "file")


def _declared(card: ModelCard, snapshot: Snapshot) -> Iterator[Evidence]:
    """One piece of evidence for each id under ``license``, or else under ``licence``."""
    if card.state is CardState.BROKEN:
        reason = f"the model card could not be read: {card.reason}"
        yield unavailable(card.path, reason, part="card", line=card.line)
        return
    key = "license" if card.license else "licence"
    seen = set()
    for value in card.license or card.licence:
        if value.text in seen:
            continue
        seen.add(value.text)
        yield observed(card.path, _declared_facts(card, key, value, snapshot))


def _declared_facts(
    card: ModelCard, key: str, value: CardValue, snapshot: Snapshot
) -> LicenseFacts:
    resolution = resolve(value.text)
    if not value.plain:
        resolution = Resolution("", (), "unknown", f"it is {value.text} and not an id")
    facts = no_facts("declared", value.text)
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
        if is_license_path(problem.path) or is_policy_path(problem.path):
            yield unavailable(problem.path, problem.detail)
    total = 0
    for file in files[:MAX_FILES]:
        path = file.artifact.path
        total += file.artifact.size
        try:
            if total > MAX_TOTAL_BYTES:
                raise BoundExceeded("the license files taken together", MAX_TOTAL_BYTES, "bytes")
            text = read_license(snapshot, file.artifact)
            facts = _detected_facts(file, text, _identified(file, text))
        except EmptyLicense as error:
            yield Evidence(
                EvidenceKind.LICENSE, path, EvidenceState.ABSENT, f"file:{path}", COLLECTOR,
                f"it is named as a license file, and {error.message}",
            )  # fmt: skip
        except HostileInput as error:
            yield unavailable(path, error.message)
        else:
            yield observed(path, facts)
    if len(files) > MAX_FILES:
        reason = f"there are {len(files)} license files, and the first {MAX_FILES} were read"
        yield unavailable(files[MAX_FILES].artifact.path, reason)


def _identified(file: LicenseFile, text: str) -> Identification:
    """What a file is. That a notice or use policy is no license needs no likeness told."""
    return identify(text, nearest=not (file.notice or file.use_policy))


def _detected_facts(file: LicenseFile, text: str, found: Identification) -> LicenseFacts:
    role: Role = "use-policy" if file.use_policy else "notice" if file.notice else "detected"
    facts = no_facts(role, posixpath.basename(file.artifact.path))
    facts["id"] = " AND ".join(found.ids)
    facts["symbols"] = list(found.ids)
    facts["also"] = list(found.also)
    facts["names_text"] = bool(found.ids)
    facts["status"] = "known" if found.ids else "unknown" if role == "detected" else "other"
    facts["why"] = "" if found.ids else _why(found)
    if role == "notice" and not found.ids and not found.held:
        facts["why"] = "it is a notice and no license text"
    facts["nearest"] = found.nearest
    facts["similarity_permille"] = found.similarity_permille
    facts["held"] = list(found.held)
    facts["extra_words"] = found.extra_words
    facts["places"] = list(found.places)
    facts["differences"] = [
        {"line": d.line, "words": shown(d.words)[:MAX_DIFFERENCE], "section": d.section}
        for d in found.differences
    ]
    facts["missing_runs"] = found.missing_runs
    digest = file.artifact.digest()
    facts["file_digest"] = digest.value if digest else ""
    facts["nested"] = file.nested
    facts["component"] = file.component
    said = policy_links(text)
    if role != "detected":
        said = [*said_in_notice(text), *said] if role == "notice" else said
    facts["sentences"] = [
        {"what": s.what, "line": s.line, "words": shown(s.words), "address": shown(s.address)}
        for s in said
    ]
    facts["territory"] = [
        {"line": t.line, "words": shown(t.words), "excluded": list(t.excluded),
         "models": list(t.models)}
        for t in territories(text)
    ]  # fmt: skip
    if role == "use-policy":
        facts["family"] = list(policy_licenses(text))
        facts["why"] = "" if found.ids else "it is a use policy and no license text"
    return facts


def _why(found: Identification) -> str:
    if found.held:
        texts = " and ".join(found.held)
        return f"it holds the whole text of {texts}, and {found.extra_words} words more"
    if found.nearest:
        share = f"{found.similarity_permille // 10}.{found.similarity_permille % 10} %"
        return f"it is a variant of {found.nearest}, with {share} of its wording in common"
    return "it is like no license text that is known here"
