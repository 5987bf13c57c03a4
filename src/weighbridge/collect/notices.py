"""What a model's notices, readme and use policies say of what its licenses demand.

It looks for the phrases that the licenses of the lineage demand, and keeps where each one stands:
no text of a file comes into the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from weighbridge.collect.card import MAX_BODY as MAX_CARD_BODY
from weighbridge.collect.card import CardState, is_card_path, read_card
from weighbridge.collect.context import CollectContext
from weighbridge.licensing.files import EmptyLicense, license_files, read_license
from weighbridge.licensing.fingerprints import words_digest
from weighbridge.licensing.words import Word, split_words, strict
from weighbridge.model.artifact import Artifact
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.model import ModelIdentityFacts
from weighbridge.model.facts.release import (
    MAX_COPYRIGHT_LINES,
    MAX_PHRASES,
    CopyrightFacts,
    PhraseFacts,
    ReleaseFacts,
    ReleaseFileFacts,
    Role,
    UnreadFacts,
)
from weighbridge.model.licensing.fulfillment import phrases_of
from weighbridge.model.licensing.obligations import demands
from weighbridge.model.licensing.phrases import Phrases
from weighbridge.model.licensing.read import lineage_of, terms_of
from weighbridge.model.licensing.use import Use
from weighbridge.snapshot.snapshot import Snapshot

NAME = "notices"
KINDS: tuple[EvidenceKind, ...] = (EvidenceKind.RELEASE,)
_COLLECTOR = f"{NAME}@1"

MAX_FILES = 64
MAX_TOTAL_BYTES = 4 * 2**20

_POLICY = re.compile(
    r"(?:.*[^a-z])?(?:(?:acceptable|prohibited)[-_ .]?uses?|use[-_ .]?(?:policy|restrictions)|aup)"
    r"(?:[^a-z].*)?\Z"
)
_ATTRIBUTION = re.compile(r"(?:attributions?|credits|acknowledge?ments?)(?:[^a-z].*)?\Z")
_README = re.compile(r"readme(?:\.(?:md|markdown|txt|rst))?\Z")
_NEWLINE = re.compile(r"\r\n|\r|\n")
_BLANK = re.compile(r"[\[<{][^\]>}\n]{0,60}(?:year|yyyy|name|owner|holder)", re.I)
_LICENSE_AUTHOR = "free software foundation"  # stands in the texts of the GPL family
_PROSE = ("", ".md", ".markdown", ".txt", ".rst", ".html", ".htm")


@dataclass(frozen=True, slots=True)
class _Read:
    """A file's text, and the number of its first line."""

    path: str
    role: Role
    text: str
    first_line: int = 1


def collect(ctx: CollectContext) -> tuple[Evidence, ...]:
    """One piece of evidence. It is always observed: what could not be read stands in ``unread``."""
    wanted = _wanted(ctx)
    unread: list[UnreadFacts] = []
    facts: ReleaseFacts = {
        **_name(ctx),
        "files": [],
        "phrases": [],
        "copyright": [],
        "unread": unread,
        "asked": len(wanted),
        "cut": max(0, len(wanted) - MAX_PHRASES),
    }
    for file in _texts(ctx.snapshot, unread):
        _look(file, wanted[:MAX_PHRASES], facts)
    source = f"snapshot:{ctx.snapshot.subject.digest}"
    state = EvidenceState.OBSERVED
    return (Evidence(EvidenceKind.RELEASE, "", state, source, _COLLECTOR, data=facts),)


def _wanted(ctx: CollectContext) -> tuple[str, ...]:
    """The phrases that the lineage's licenses may demand, whatever the use."""
    lineage = lineage_of(ctx.earlier.get(EvidenceKind.LINEAGE, ()))
    if lineage is None:
        return ()
    terms = terms_of(ctx.earlier.get(EvidenceKind.TERMS, ()))
    return phrases_of(demands(lineage, terms, Use()))


def _name(ctx: CollectContext) -> ReleaseFacts:
    """The model's own name, as the collector of its identity has found it."""
    empty: ReleaseFacts = {
        "name": ctx.snapshot.subject.name, "name_path": "", "name_line": 0, "files": [],
        "phrases": [], "copyright": [], "unread": [], "asked": 0, "cut": 0,
    }  # fmt: skip
    for evidence in ctx.earlier.get(EvidenceKind.MODEL, ()):
        if evidence.state is EvidenceState.OBSERVED:
            model = cast(ModelIdentityFacts, evidence.data)
            place = model["name_place"]
            named = {"name": model["name"], "name_path": place["path"], "name_line": place["line"]}
            return cast(ReleaseFacts, {**empty, **named})
    return empty


def _look(file: _Read, wanted: Iterable[str], facts: ReleaseFacts) -> None:
    """Add to the facts what one file says."""
    try:
        words = split_words(file.text)
    except BoundExceeded as error:
        facts["unread"].append(_gap(file.path, file.role, error.message))
        return
    digest = "" if file.role == "readme" else words_digest(strict(words).words)
    entry: ReleaseFileFacts = {"path": file.path, "role": file.role, "words": digest}
    facts["files"].append(entry)
    phrases = Phrases.of(file.text, first_line=file.first_line)
    for phrase in wanted:
        if line := phrases.line_of(phrase):
            found: PhraseFacts = {
                "phrase": phrase, "path": file.path, "role": file.role, "line": line,
            }  # fmt: skip
            facts["phrases"].append(found)
    facts["copyright"] += _copyright(file, words)[: MAX_COPYRIGHT_LINES - len(facts["copyright"])]


def _copyright(file: _Read, words: Sequence[Word]) -> list[CopyrightFacts]:
    """The lines that name a holder: no blank of a form, nor who wrote the license itself."""
    rows = _NEWLINE.split(file.text)
    named = sorted({word.line for word in words if word.statement})
    return [
        {"path": file.path, "role": file.role, "line": file.first_line + line - 1}
        for line in named
        if not (_BLANK.search(rows[line - 1]) or _LICENSE_AUTHOR in rows[line - 1].lower())
    ]


def _texts(snapshot: Snapshot, unread: list[UnreadFacts]) -> Iterator[_Read]:
    """The files with a part in this, each with its text; what cannot be read goes to ``unread``."""
    unread += [
        _gap(problem.path, role, problem.detail)
        for problem in snapshot.problems
        if (role := _role(problem.path))
    ]
    yield from _card(snapshot, unread)
    total = 0
    for count, (artifact, role) in enumerate(_files(snapshot)):
        total += artifact.size
        try:
            if count >= MAX_FILES:
                raise BoundExceeded("the number of notice files", MAX_FILES, "files")
            if total > MAX_TOTAL_BYTES:
                raise BoundExceeded("the notice files taken together", MAX_TOTAL_BYTES, "bytes")
            text = read_license(snapshot, artifact)
        except EmptyLicense:
            continue  # it says nothing: what it should say is missing
        except HostileInput as error:
            unread.append(_gap(artifact.path, role, error.message))
            if count >= MAX_FILES:
                return
        else:
            yield _Read(artifact.path, role, text)


def _card(snapshot: Snapshot, unread: list[UnreadFacts]) -> Iterator[_Read]:
    """The text of the model card. Its front matter is shown to nobody as such."""
    card = read_card(snapshot)
    if card.state is CardState.BROKEN:
        unread.append(_gap(card.path, "readme", card.reason))
    elif card.state is CardState.PRESENT:
        if len(card.body) >= MAX_CARD_BODY:
            reason = f"its first {MAX_CARD_BODY} characters were read"
            unread.append(_gap(card.path, "readme", reason))
        yield _Read(card.path, "readme", card.body, card.body_line)


def _files(snapshot: Snapshot) -> Iterator[tuple[Artifact, Role]]:
    """Every other file that may hold a notice, by what it is."""
    licenses = {file.artifact.path: file.notice for file in license_files(snapshot)}
    for artifact in snapshot.artifacts:
        role = _role(artifact.path)
        if not role and artifact.path in licenses:
            role = "notice" if licenses[artifact.path] else "license"
        if role and not ("/" not in artifact.path and is_card_path(artifact.path)):
            yield artifact, role


def _role(path: str) -> Role | None:
    """What a file is by its name, at the top or one folder below; none for a license or another."""
    folder, _, name = path.lower().rpartition("/")
    stem, dot, ending = name.rpartition(".")
    if folder.count("/") or (dot and stem and f".{ending}" not in _PROSE and len(ending) <= 12):
        return None
    if _POLICY.match(name):
        return "policy"
    if _ATTRIBUTION.match(name):
        return "attribution"
    return "readme" if not folder and _README.match(name) else None


def _gap(path: str, role: Role, reason: str) -> UnreadFacts:
    return {"path": path, "role": role, "reason": reason}
