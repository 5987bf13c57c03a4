"""A draft of NOTICE: what the licenses of the model's ancestors want written down.

What stands there stays as it is; only what is missing is added, once. Nothing is invented: names,
years and changes that the evidence does not hold are blanks in angle brackets for a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from weighbridge.edge.text import visible
from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.licensing.obligations import Demands, Obligation, Part, Source, demands
from weighbridge.model.licensing.phrases import Phrases, alternatives
from weighbridge.model.licensing.read import lineage_of, terms_of
from weighbridge.model.licensing.terms import Basis
from weighbridge.model.licensing.terms import Obligation as Word
from weighbridge.model.licensing.use import Use
from weighbridge.model.record import AuditRecord

_SPDX = "https://spdx.org/licenses/"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the draft, under a heading.

    ``known_by``: it stands in a text already where the line itself does, or all phrases of one of
    these do: what a person has filled in or worded otherwise is not asked for again.
    """

    heading: str
    text: str
    known_by: tuple[tuple[str, ...], ...] = ()


def render(record: AuditRecord, use: Use, existing: str = "") -> bytes:
    """The NOTICE that a record's evidence asks for, as UTF-8.

    Args:
        record: with evidence of the kinds ``lineage`` and ``terms``.
        use: the stated use.
        existing: what NOTICE holds already.
    """
    lineage = lineage_of(e for e in record.evidence if e.kind is EvidenceKind.LINEAGE)
    if lineage is None:
        return existing.encode()
    terms = terms_of(e for e in record.evidence if e.kind is EvidenceKind.TERMS)
    return draft(demands(lineage, terms, use), existing).encode()


def draft(found: Demands, existing: str = "") -> str:
    """``existing`` with what is missing added at its end; the same again where nothing is."""
    rows_there = frozenset(existing.splitlines())
    held = Phrases.of(existing)
    missing = [line for line in lines(found) if not _stands(line, rows_there, held)]
    if not missing:
        return existing
    newline = "\r\n" if "\r\n" in existing else "\n"
    rows: list[str] = []
    heading = ""
    for line in missing:
        if line.heading != heading:
            rows += ["", line.heading, ""]
            heading = line.heading
        rows.append(line.text)
    if not existing:
        return newline.join(["NOTICE", *rows, ""])
    gap = "" if existing.endswith(("\n", "\r")) else newline
    return existing + gap + newline.join([*rows, ""])


def lines(found: Demands) -> tuple[Line, ...]:
    """Every line that a NOTICE should hold, each once."""
    every: dict[str, Line] = {}
    for make in (_sentences, _badges, _policies, _credits, _holders, _changes):
        for duty in found.obligations:
            for line in make(duty):
                every.setdefault(line.text, line)
    return tuple(every.values())


def _sentences(duty: Obligation) -> Iterator[Line]:
    asked = duty.word in (Word.NOTICE_SENTENCE, Word.ATTRIBUTION)
    if asked and (wanted := alternatives(duty.value)):
        yield Line("Required notices", _shown(wanted[0]), _any(wanted))


def _badges(duty: Obligation) -> Iterator[Line]:
    """The badge belongs where readers see it; here it is a reminder with the same words."""
    if duty.word is Word.BADGE and (wanted := alternatives(duty.value)):
        yield Line("To be shown in README.md as well", _shown(wanted[0]), _any(wanted))


def _policies(duty: Obligation) -> Iterator[Line]:
    if duty.word is Word.USE_POLICY_FLOW_DOWN:
        where = duty.text_source or "<address of the use policy>"
        text = f"Use of this model is bound by the use restrictions of {duty.license_name}: {where}"
        known_by = ("bound by the use restrictions of", duty.license_name)
        yield Line("Use restrictions", _shown(text), (known_by,))


def _credits(duty: Obligation) -> Iterator[Line]:
    if duty.word not in (Word.ATTRIBUTION, Word.LICENSE_COPY):
        return
    for source in duty.sources:
        made = _USED[source.part]
        unsure = ", as far as it binds" if duty.basis is Basis.UNSETTLED else ""
        text = f"{made} {source.id} by {_author(source)}, under {_license(duty)}{unsure}."
        known_by = (f"{made} {source.id} by", duty.license_name)
        yield Line("Attributions", _shown(text), (known_by,))


def _holders(duty: Obligation) -> Iterator[Line]:
    if duty.word is Word.COPYRIGHT_NOTICE:
        for source in duty.sources:
            text = f"{source.id}: Copyright <year and holder>"
            yield Line("Copyright", _shown(text), ((f"{source.id}: Copyright",),))


def _changes(duty: Obligation) -> Iterator[Line]:
    if duty.word is Word.STATE_CHANGES:
        for source in duty.sources:
            text = f"Changes to {source.id}: <what was changed, by whom, when>"
            yield Line("Changes", _shown(text), ((f"Changes to {source.id}",),))


def _author(source: Source) -> str:
    """The owner that the Hub's id names; nobody else can be told from the evidence."""
    owner, slash, _ = source.id.partition("/")
    return owner if slash and owner else "<author>"


def _license(duty: Obligation) -> str:
    if duty.text_source:
        return f"{duty.license_name} ({duty.text_source})"
    if not duty.license.startswith("LicenseRef-"):
        return f"{duty.license_name} ({_SPDX}{duty.license}.html)"
    return f"{duty.license_name} (<address of the license>)"


_USED = {
    Part.COPY: "Contains",
    Part.MODIFIED: "Made from",
    Part.OUTPUTS: "Trained on outputs of",
    Part.DATA: "Trained on",
    Part.LINKED: "Needs",
}


def _stands(line: Line, rows: frozenset[str], held: Phrases) -> bool:
    return line.text in rows or any(
        all(held.line_of(phrase) for phrase in phrases) for phrases in line.known_by
    )


def _any(phrases: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple((phrase,) for phrase in phrases)


def _shown(text: str) -> str:
    """On one line; ids come from cards of strangers."""
    return visible(" ".join(text.split()), 1_000)
