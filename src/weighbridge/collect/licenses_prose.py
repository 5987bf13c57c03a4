"""What the text of a model card says of licenses, and what the headers of code files say."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.collect.card import CardState, ModelCard, split_front_matter
from weighbridge.collect.licenses_facts import no_facts, observed, shown, unavailable
from weighbridge.licensing.headers import read_headers
from weighbridge.licensing.ids import resolve
from weighbridge.licensing.prose import statements
from weighbridge.licensing.prose_blocks import title
from weighbridge.licensing.prose_covers import Names
from weighbridge.licensing.prose_statement import Statement
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import Evidence
from weighbridge.snapshot.snapshot import Snapshot

MAX_TEXT = 2 * 2**20  # bytes of a card that are read for statements
MAX_STATEMENTS = 60  # different ones of one card
_MAX_NAMES = 50


def prose(snapshot: Snapshot, card: ModelCard) -> Iterator[Evidence]:
    """One piece of evidence for each different statement of the card's text, in their order."""
    artifact = snapshot.find(card.path) if card.state is CardState.PRESENT else None
    if artifact is None:
        return
    try:
        with snapshot.open(artifact) as stream:
            head = stream.read(MAX_TEXT)
        body, first = _body(head, whole=artifact.size <= MAX_TEXT)
    except (OSError, HostileInput) as error:
        yield unavailable(card.path, f"its text was not read: {error}", part="prose")
        return
    names = Names(
        own=_names(snapshot.subject.name, title(body)),
        bases=_names(*(value.text for value in card.base_model)),
        datasets=_names(*(value.text for value in card.datasets)),
    )
    seen: dict[tuple[object, ...], None] = {}
    for statement in statements(body, first, names):
        key = (statement.ids, statement.family, statement.covers, statement.joined)
        if key in seen:
            continue
        if len(seen) == MAX_STATEMENTS:
            reason = f"it states more than {MAX_STATEMENTS} licenses in its text"
            yield unavailable(card.path, reason, part="prose", line=statement.line)
            return
        seen[key] = None
        yield _stated(card, statement)
    if artifact.size > MAX_TEXT:
        reason = f"its text is longer than {MAX_TEXT} bytes, and what follows was not read"
        line = first + body.count("\n")
        yield unavailable(card.path, reason, part="prose", line=line)


def headers(snapshot: Snapshot) -> Iterator[Evidence]:
    """One piece of evidence for each license that code files name in their headers."""
    found = read_headers(snapshot)
    for license_ in found.licenses:
        facts = no_facts("header", shown(license_.raw))
        resolution = license_.resolution
        facts["id"] = resolution.id
        facts["symbols"] = list(resolution.symbols)
        facts["family"] = list(resolution.family)
        facts["names_text"] = resolution.names_text
        facts["status"] = resolution.status
        facts["why"] = resolution.why
        facts["line"] = license_.line
        facts["covers"] = "code"
        facts["component"] = True
        facts["words"] = shown(license_.words)
        facts["files"] = license_.paths
        facts["file_count"] = license_.count
        artifact = snapshot.find(license_.paths[0])
        digest = artifact.digest() if artifact else None
        facts["file_digest"] = digest.value if digest else ""
        yield observed(license_.paths[0], facts)
    if found.cut:
        yield unavailable(found.cut_at, found.cut, part="headers")


def _body(head: bytes, *, whole: bool) -> tuple[str, int]:
    """The text after the front matter, and the number of its first line."""
    split_front_matter(head, whole=whole)  # refuses what the card's own reader refuses
    text = head.decode("utf-8-sig", "replace")
    lines = text.split("\n")
    start = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    if start == len(lines) or lines[start].strip() != "---":
        return text, 1
    end = next(i for i in range(start + 1, len(lines)) if lines[i].rstrip() == "---")
    return "\n".join(lines[end + 1 :]), end + 2


def _names(*names: str) -> tuple[str, ...]:
    return tuple(name[:200] for name in names[:_MAX_NAMES] if name)


def _stated(card: ModelCard, statement: Statement) -> Evidence:
    facts = no_facts("prose", shown(statement.raw))
    joined = f" {statement.joined} " if statement.joined else ""
    # several ids without an operator are wordings of one license, the newest first
    facts["id"] = joined.join(statement.ids) if joined else next(iter(statement.ids), "")
    if statement.source == "spdx":  # an expression may have exceptions and parentheses
        facts["id"] = resolve(statement.raw).id
    facts["symbols"] = sorted(statement.ids)
    facts["family"] = list(statement.family)
    facts["names_text"] = bool(statement.ids) and not statement.family
    facts["status"] = "other" if statement.why else "family" if statement.family else "known"
    facts["why"] = statement.why or (
        "it names a family of licenses and not one text" if statement.family else ""
    )
    facts["line"] = statement.line
    facts["covers"] = statement.covers
    facts["component"] = statement.covers in ("base", "code", "data", "other")
    facts["words"] = shown(statement.words)
    facts["file_digest"] = card.digest
    return observed(card.path, facts)
