"""The sections of a model card's text that people look for, by their headings.

The headings are those of the Hub's model card template (``modelcard_template.md`` of
huggingface_hub), of Mitchell et al. (2019) "Model Cards for Model Reporting", and of trainers that
write cards. Text that only says that more is needed says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from weighbridge.collect.card import CardState, ModelCard
from weighbridge.collect.model_ledger import Ledger, place
from weighbridge.model.facts.model import PlaceFacts

MAX_HEADINGS = 500
_MAX_PAIRS = 100  # lines of a section that are looked at for keys and values
_MAX_TITLE = 120  # characters of a heading that may be a name
_MAX_LINE = 2_000
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.{1,300})")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*\Z")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,500}\)")
_NEEDED = re.compile(r"\[?more information needed\]?\.?", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]]+")
_PAIR = re.compile(
    r"[ \t]*[-*+][ \t]+[*_`]{0,3}([A-Za-z][\w ./\[\]-]{1,60}?)[*_`]{0,3}:[*_`]{0,3}\s+(.+)"
)

# Which field a heading's words ask for; one heading may ask for several.
_SECTIONS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (field, re.compile(rf"\b(?:{words})\b", re.IGNORECASE))
    for field, words in (
        ("out_of_scope_use", r"out[- ]of[- ]scope|mis-?uses?|prohibited uses?|not intended"),
        ("intended_use", r"intended (?:use|usage|purpose)s?|direct use|uses|use cases?"),
        ("limitation", r"limitations?|caveats?|known issues"),
        ("risk", r"bias(?:es)?|risks?|ethic(?:s|al)|safety|fairness|harms?"),
        ("training_data", r"training (?:data(?:sets?)?|corpus)"),
        ("preprocessing", r"pre-?processing"),
        ("training", r"training|fine[- ]?tuning"),
        ("evaluation", r"evaluations?|results|benchmarks?|performance"),
        ("environment", r"environmental|carbon|co2|emissions|energy"),
        ("contact", r"contacts?"),
        ("author", r"authors?|developers?|maintainers?"),
        ("citation", r"citations?|bibtex|cite|citing"),
        ("description", r"description|summary|overview|introduction|about|model details"),
        ("explainability", r"explainability|interpretability|model examination"),
        ("hardware", r"hardware"),
        ("software", r"software|framework versions"),
        ("usage", r"how to use|usage|get(?:ting)? started|quick ?start"),
    )
)  # fmt: skip
# A heading that says it is not about uses at large, or training at large.
_NARROWER = {
    "intended_use": "out_of_scope_use",
    "training": "training_data",
    "usage": "intended_use",
}
# Labels of the template's lists ("- **Developed by:** …").
_LABELS = {
    "developed by": "author",
    "model developer": "author",
    "model developers": "author",
    "shared by": "producer",
    "model type": "architecture_family",
    "repository": "link",
    "paper": "link",
    "demo": "link",
    "hardware type": "hardware",
}
_PLACEHOLDERS = re.compile(
    r"(?:model (?:id|name|description|details|summary|overview|information)|readme|model|overview"
    r"|introduction|description|table of contents|untitled|license|usage|citation|model card)?\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a card's text: its level from 1, its words, its line, and what follows it.

    ``text`` ends at the next heading; where nothing stands before that, it goes on over the
    headings below this one.
    """

    level: int
    heading: str
    line: int
    text: str


def sections(body: str, first: int) -> Iterator[Section]:
    """Each section of a text in Markdown, its first line being numbered ``first``."""
    lines = _lines(body)
    found = list(_headings(lines))
    for position, (start, after, level, heading) in enumerate(found):
        stop = found[position + 1][0] if position + 1 < len(found) else len(lines)
        text = _prose(lines[after:stop])
        following = position + 1
        while not text and following < len(found) and found[following][2] > level:
            stop = found[following + 1][0] if following + 1 < len(found) else len(lines)
            text = _prose(lines[found[following][1] : stop])
            following += 1
        yield Section(level, heading, first + start, text)


def _lines(body: str) -> list[str]:
    """The text's lines, those of comments blank: the template's comments hold headings."""
    kept, at = [], 0
    while (start := body.find("<!--", at)) >= 0 and (stop := body.find("-->", start)) >= 0:
        kept += [body[at:start], "\n" * body.count("\n", start, stop)]
        at = stop + 3
    text = "".join([*kept, body[at:]])
    return [line.rstrip("\r")[:_MAX_LINE] for line in text.split("\n")]


def _headings(lines: list[str]) -> Iterator[tuple[int, int, int, str]]:
    """Where each heading stands, where its text begins, its level and words. Code has none."""
    fence = ""
    count = 0
    for number, line in enumerate(lines):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip(" `~"):
                fence = ""
            continue
        if mark:
            fence = mark[1]
            continue
        found = _HEADING.match(line)
        below = _UNDERLINE.match(lines[number + 1]) if number + 1 < len(lines) else None
        if found:
            heading = (number, number + 1, len(found[1]), _words(found[2]))
        elif below and line.strip() and not line.startswith(("    ", "|", "-", ">", "#")):
            blank = number == 0 or not lines[number - 1].strip()
            if not blank:
                continue  # the last line of a paragraph, or of a table
            level = 1 if below[1].startswith("=") else 2
            heading = (number, number + 2, level, _words(line[:300]))
        else:
            continue
        if heading[3]:
            count += 1
            yield heading
        if count == MAX_HEADINGS:
            return


def _words(heading: str) -> str:
    """A heading without its markup."""
    text = _LINK.sub(r"\1", heading.strip().rstrip("#"))
    return re.sub(r"<[^<>]{0,200}>|[*`]+|\{#[^{}]{0,100}\}", "", text).strip(" :\t")


def _prose(lines: list[str]) -> str:
    """A section's text without the markup of links, and what only says that it is missing."""
    text = _LINK.sub(r"\1", "\n".join(lines))
    return _NEEDED.sub("", text).strip(" \t\n-*_>|:#")


def title(card: ModelCard) -> tuple[str, PlaceFacts] | None:
    """The first heading of the first level, where it can be a name; None where it cannot."""
    for section in sections(card.body, card.body_line):
        if section.level > 1:
            continue
        heading = re.sub(r"^model card(?: (?:for|of))?\b[\s:–-]*", "", section.heading, flags=re.I)
        heading = heading.strip().strip("_").strip()
        if len(heading) > _MAX_TITLE or _PLACEHOLDERS.match(heading):
            return None
        return heading, place(card.path, section.heading, section.line)
    return None


def read_sections(card: ModelCard, ledger: Ledger) -> None:
    """Put the beginning of every section that is known by its heading into the ledger."""
    if card.state is not CardState.PRESENT:
        return
    lines = _lines(card.body)
    described = False
    for section in sections(card.body, card.body_line):
        asked = {field for field, words in _SECTIONS if words.search(section.heading)}
        asked -= {field for field, narrower in _NARROWER.items() if narrower in asked}
        at = place(card.path, section.heading, section.line)
        if section.level == 1 and not described and not asked:
            asked = {"description"}
        for field, _ in _SECTIONS:
            if field in asked and section.text:
                ledger.claim(field, section.text, at)
                described = described or field == "description"
        after = section.line - card.body_line + 1
        _pairs(card.path, section, lines[after : after + _MAX_PAIRS], ledger)


def _pairs(path: str, section: Section, lines: list[str], ledger: Ledger) -> None:
    """The entries of a section's list that give a key and a value."""
    hyperparameters = "hyperparameter" in section.heading.lower()
    for number, line in enumerate(lines, section.line + 1):
        if _HEADING.match(line):
            return
        pair = _PAIR.match(line)
        value = _prose([pair[2]]) if pair else ""
        if pair is None or not value:
            continue
        label = pair[1].replace("[optional]", "").strip()
        at = place(path, label, number)
        field = _LABELS.get(label.lower(), "")
        if hyperparameters:
            ledger.claim("hyperparameter", f"{label}={value}", at)
        elif field == "link":
            address = _ADDRESS.search(pair[2])
            ledger.claim("link", address[0] if address else value, at)
        elif field:
            ledger.claim(field, value, at)
