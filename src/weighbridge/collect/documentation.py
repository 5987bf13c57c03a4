"""What the card and the folder document: sections, results, energy, and prompts with approvals.

What the model is, by the same files, is the evidence ``model``; here is what is said about it, how
much, and where. The card is ``README.md``; ``MODEL_CARD.md``, ``SECURITY.md``, a changelog and the
Markdown files of ``docs/`` are read with it. Of each text the first :data:`card.MAX_BODY`
characters count, and what lies beyond is said to be unread.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from weighbridge.collect import documentation_energy as energy
from weighbridge.collect import documentation_results as results
from weighbridge.collect.card import MAX_BODY, CardState, ModelCard, is_card_path, read_card
from weighbridge.collect.context import CollectContext
from weighbridge.collect.documentation_folder import prompts_of
from weighbridge.collect.documentation_sections import opening, read_sections, substance
from weighbridge.collect.model_ledger import shown, word
from weighbridge.edge.text import visible
from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.documentation import MAX_ENTRIES, CardFacts, SectionFacts
from weighbridge.snapshot.snapshot import Snapshot

NAME = "documentation"
KINDS: tuple[EvidenceKind, ...] = (EvidenceKind.DOCUMENTATION,)
CARD, PROMPTS = "card", "prompts"
MAX_DOCUMENTS = 100
_COLLECTOR = f"{NAME}@1"
_MAX_READ = 4 * MAX_BODY  # bytes of one document
_DOCUMENT = re.compile(
    r"(?:\.github/|docs?/)?(?:model[-_]?card|security|change(?:s|log)|history|release[-_]notes"
    r"|limitations|evaluations?|results|training|data[-_]?sheet|datasheet|rollback|runbook|support"
    r"|end[-_]of[-_](?:life|support)|deprecation|sunset|intended[-_]use|ethics|bias|fairness"
    r"|robustness|safety|risks?|oversight|use[-_]policy|acceptable[-_]use[\w-]{0,20})"
    r"(?:\.(?:md|markdown|rst|txt))?\Z",
    re.IGNORECASE,
)
_DOCS = re.compile(r"docs?/[^/]{1,100}\.(?:md|markdown)\Z", re.IGNORECASE)
# A file that is there for a topic, whatever its headings.
_FOR_TOPIC: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"security\b", re.I), "security-contact"),
    (re.compile(r"change(?:s|log)\b|history\b|release[-_]notes", re.I), "changelog"),
    (re.compile(r"limitations\b", re.I), "limitations"),
    (re.compile(r"rollback\b|runbook\b", re.I), "rollback"),
    (re.compile(r"end[-_]of[-_]|deprecation\b|sunset\b", re.I), "end-of-support"),
    (re.compile(r"support\b", re.I), "contact"),
    (re.compile(r"bias\b|fairness\b", re.I), "bias-and-fairness"),
    (re.compile(r"robustness\b", re.I), "robustness"),
    (re.compile(r"oversight\b", re.I), "human-oversight"),
    (re.compile(r"intended[-_]use", re.I), "intended-use"),
    (re.compile(r"use[-_]policy|acceptable[-_]use", re.I), "out-of-scope-use"),
    (re.compile(r"data[-_]?sheet", re.I), "training-data"),
)
_KEYS = (("contact", "contact"), ("email", "contact"), ("security_contact", "security-contact"))


class _Text(NamedTuple):
    path: str
    body: str
    first: int


def collect(ctx: CollectContext) -> Iterable[Evidence]:
    """What is documented, and the prompts: two pieces of evidence."""
    yield _card(ctx.snapshot)
    yield prompts_of(ctx.snapshot, PROMPTS, _COLLECTOR)


def _card(snapshot: Snapshot) -> Evidence:
    card = read_card(snapshot)
    facts: CardFacts = {
        "part": "card", "card": card.path, "documents": [], "sections": [], "evaluations": [],
        "energy": [], "unread": [],
    }  # fmt: skip
    texts = []
    if card.state is CardState.PRESENT:
        texts.append(_Text(card.path, card.body, card.body_line))
        facts["evaluations"] += results.declared(card)
        facts["energy"] += energy.declared(card)
        facts["sections"] += _keys(card)
    texts += _documents(snapshot, facts)
    for text in texts:
        facts["documents"].append(text.path)
        _read(text, facts, is_card=text.path == card.path)
        if len(text.body) == MAX_BODY:
            what = f"its text beyond {MAX_BODY} characters was not read"
            facts["unread"].append(visible(f"{text.path}: {what}"))
    _cut(facts)
    source = f"snapshot:{snapshot.subject.digest}"
    if card.state is CardState.BROKEN:
        where = f"{card.path}:{card.line}" if card.line else card.path
        reason = visible(f"{where}: {card.reason}")
        return Evidence(
            EvidenceKind.DOCUMENTATION, CARD, EvidenceState.UNAVAILABLE, source, _COLLECTOR, reason,
            {**facts},
        )  # fmt: skip
    if not facts["documents"] and not facts["unread"]:
        reason = "there is no model card and no other document"
        return Evidence(
            EvidenceKind.DOCUMENTATION, CARD, EvidenceState.ABSENT, source, _COLLECTOR, reason
        )
    return Evidence(
        EvidenceKind.DOCUMENTATION, CARD, EvidenceState.OBSERVED, source, _COLLECTOR,
        data={**facts},
    )  # fmt: skip


def _documents(snapshot: Snapshot, facts: CardFacts) -> Iterator[_Text]:
    """The other documents, of which there may be :data:`MAX_DOCUMENTS`."""
    found = [
        artifact
        for artifact in snapshot.artifacts
        if (_DOCUMENT.match(artifact.path) or _DOCS.match(artifact.path))
        and not is_card_path(artifact.path)
    ]
    if len(found) > MAX_DOCUMENTS:
        facts["unread"].append(f"{len(found) - MAX_DOCUMENTS} more documents were not read")
    for artifact in found[:MAX_DOCUMENTS]:
        try:
            yield _Text(artifact.path, _body(snapshot, artifact), 1)
        except HostileInput as error:
            facts["unread"].append(visible(f"{artifact.path}: {error.message}"))
        except OSError as error:
            facts["unread"].append(visible(f"{artifact.path}: {error.strerror}"))


def _body(snapshot: Snapshot, artifact: Artifact) -> str:
    if artifact.presence is not Presence.CONTENT:
        raise HostileInput(f"it is a {artifact.presence}: its text is not here")
    with snapshot.open(artifact) as stream:
        head = stream.read(_MAX_READ)
    if b"\0" in head:
        raise HostileInput("it holds NUL bytes: it is not text")
    return head.decode("utf-8", "replace")[:MAX_BODY]


def _read(text: _Text, facts: CardFacts, *, is_card: bool) -> None:
    """Put what one document says into the facts."""
    about_energy = set()
    for section, below in read_sections(text.path, text.body, text.first):
        facts["sections"].append(section)
        if section["topic"] == "evaluation" and section["words"]:
            said = results.told(section["heading"], below, text.path, section["line"])
            facts["evaluations"] += [said] if said else []
        if section["topic"] in ("environmental-impact", "training-procedure", "compute"):
            about_energy.add((section["line"], below))
    for line, below in sorted(about_energy):
        known = {(s["quantity"], s["written"], s["path"]) for s in facts["energy"]}
        facts["energy"] += [
            one
            for one in energy.told(below, text.path, line)
            if (one["quantity"], one["written"], one["path"]) not in known
        ]
    if is_card:
        opened, line = opening(text.body, text.first)
        facts["sections"] += _section("description", "heading", "", text.path, line, opened)
    name = posixpath.basename(text.path)
    topic = next((topic for pattern, topic in _FOR_TOPIC if pattern.match(name)), "")
    if topic:
        facts["sections"] += _section(topic, "file", name, text.path, 1, text.body)


def _keys(card: ModelCard) -> Iterator[SectionFacts]:
    """Keys of the front matter that say what a section would."""
    front = card.front
    if front is None:
        return
    for key, topic in _KEYS:
        line = front.line((key,))
        yield from _section(topic, "key", key, card.path, line, word(front.value.get(key)))


def _section(
    topic: str, kind: str, heading: str, path: str, line: int, text: str
) -> list[SectionFacts]:
    told = substance(text)
    if not text:
        return []
    return [
        {
            "topic": topic,
            "kind": "file" if kind == "file" else "key" if kind == "key" else "heading",
            "heading": shown(heading, 200),
            "path": path,
            "line": line,
            "words": told.words,
            "placeholder": told.placeholder,
        }
    ]


def _cut(facts: CardFacts) -> None:
    """Keep each list within its bound, and say what was left out."""
    for what, count in (
        ("sections", len(facts["sections"])),
        ("evaluations", len(facts["evaluations"])),
        ("statements on energy", len(facts["energy"])),
        ("notes", len(facts["unread"])),
    ):
        if count > MAX_ENTRIES:
            facts["unread"].insert(0, f"{count - MAX_ENTRIES} more {what} were left out")
    facts["sections"] = facts["sections"][:MAX_ENTRIES]
    facts["evaluations"] = facts["evaluations"][:MAX_ENTRIES]
    facts["energy"] = facts["energy"][:MAX_ENTRIES]
    facts["unread"] = facts["unread"][:MAX_ENTRIES]
