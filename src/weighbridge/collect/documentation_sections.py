"""Which topics the headings of a text are about, and how much is said below each.

Text that only asks for text says nothing: "[More Information Needed]", "TODO", a label without a
value, an unfilled ``{{ variable }}``, and the sentences that the Hub's template brings along.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from weighbridge.collect.model_ledger import shown
from weighbridge.collect.model_prose import Section, sections
from weighbridge.model.facts.documentation import SectionFacts

_MAX_HEADING = 200

# Which words of a heading ask for which topic. One heading may be about several.
_WORDS: dict[str, tuple[str, ...]] = {
    "description": (
        "(?:model )?(?:description|summary|overview|introduction)", "about", "model details",
    ),
    "intended-use": (
        "intended (?:use|usage|purpose|user|application)s?", "direct use", "downstream use",
        "use cases?", "uses", "purpose",
    ),
    "out-of-scope-use": (
        "out[- ]of[- ]scope", "mis-?uses?", "prohibited", "not intended", "acceptable use",
        "use restrictions?", "restrictions",
    ),
    "limitations": ("limitations?", "limits", "caveats?", "known issues", "failure modes?"),
    "bias-and-fairness": ("bias(?:es)?", "fairness", "discrimination"),
    "explainability": (
        "explainability", "interpretability", "explanations?", "model examination",
    ),
    "robustness": (
        "robustness", "adversarial", "red[- ]?team(?:ing|ed)?", "jailbreaks?",
    ),
    "training-data": (
        "(?:pre-?)?training (?:and evaluation )?(?:data(?:sets?)?|corpus)", "data sources?",
        "data collection", "data provenance",
    ),
    "training-procedure": (
        "(?:pre-?|post-?)?training", "fine[- ]?tuning", "how (?:it|the model) was (?:made|trained)",
    ),
    "evaluation": ("evaluations?", "results", "benchmarks?", "performance", "metrics"),
    "environmental-impact": (
        "environmental", "carbon", "co2", "emissions", "energy", "sustainability",
    ),
    "architecture": (
        "architecture", "technical specifications?", "model specifications?", "design",
    ),
    "compute": (
        "comput(?:e|ation|ational|ing)", "training time", "speeds, sizes, times", "hardware",
    ),
    "usage": (
        "how to use", "usage", "get(?:ting)? started", "quick ?start", "installation", "inference",
        "deployment", "integration",
    ),
    "human-oversight": (
        "human (?:oversight|review|supervision)", "human[- ]in[- ]the[- ]loop", "oversight",
    ),
    "release": (
        "release (?:dates?|information|details)", "model dates?", "distribution", "availability",
    ),
    "contact": ("(?<!security )contacts?", "maintainers?", "questions"),
    "changelog": (
        "change ?logs?", "changes", "version history", "release notes", "versions", "what'?s new",
    ),
    "rollback": ("roll[- ]?backs?", "fall[- ]?backs?", "reverting", "previous versions?"),
    "end-of-support": (
        "sun-?set(?:ting)?", "end[- ]of[- ](?:life|support)", "deprecat(?:ion|ed)",
        "support (?:period|policy|window)", "retire(?:ment|d)?", "lifetime",
    ),
    "security-contact": (
        "security(?: contact| policy)?", "responsible disclosure", "vulnerability disclosure",
        "report(?:ing)? (?:an? )?(?:vulnerabilit(?:y|ies)|weakness(?:es)?)",
    ),
}  # fmt: skip
_HEADINGS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (topic, re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE))
    for topic, words in _WORDS.items()
)
# A heading that is about the one on the right is not about the one on the left as well.
_NARROWER = {
    "intended-use": ("out-of-scope-use",),
    "training-procedure": ("training-data", "compute"),
    "usage": ("intended-use",),
    "changelog": ("rollback", "end-of-support"),
    "description": ("explainability",),
}

# A line that says no more than that something should stand here.
_EMPTY = re.compile(
    r"(?:\W|_)*(?:(?:more information|information|details?|content|text|description|section) "
    r"(?:is |are |to be )?(?:needed|added|provided|coming soon|here)(?: for further "
    r"recommendations)?|todo\b.*|to do:?|tbd\b.*|tba\b.*|fixme\b.*|coming soon"
    r"|to be (?:added|defined|determined|completed|announced|written|done|filled(?: in)?)"
    r"|fill (?:this )?in(?: here)?"
    r"|work in progress|wip|placeholder|lorem ipsum.*|insert .{0,80} here|add .{0,80} here"
    r"|your .{0,60} here|describe .{0,80} here|n/?a|none|null|nil|unknown|xxx+|optional"
    r"|not (?:yet )?(?:available|applicable|provided|specified|documented|known))(?:\W|_)*\Z",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    r"\[(?:[^\[\]]{0,40}\b(?:needed|todo|tbd|insert|add|fill|describe|your|optional)\b"
    r"[^\[\]]{0,200})\]",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"\{\{[^{}]{0,300}\}\}|\{%[^{}]{0,300}%\}")
# What the Hub's template and its trainers write into every card, whoever made the model.
_TEMPLATE = re.compile(
    r"users \(both direct and downstream\) should be made aware of the risks, biases and "
    r"limitations of the model\.?"
    r"|carbon emissions can be estimated using the .{0,120}?lacoste et al\. \(\d{4}\)\.?"
    r"|use the code below to get started with the model\.?"
    r"|this modelcard aims to be a base template for new models\.?",
    re.IGNORECASE | re.DOTALL,
)
_NEEDED = re.compile(r"\[?\bmore information (?:is )?needed\b(?: for further recommendations)?\]?",
                     re.IGNORECASE)  # fmt: skip
_LABEL = re.compile(r"[\s>*+_`-]*[A-Za-z][^:|\n]{0,60}:[\s*_`]*\Z")
_IMAGE = re.compile(r"!\[[^\[\]]{0,300}\]\([^()\s]{0,500}\)")
_LINK = re.compile(r"\[([^\[\]]{0,300})\]\([^()\s]{0,500}\)")
_WORD = re.compile(r"[^\W_]+")


class Told(NamedTuple):
    """How many words say something, and whether placeholders stand there instead."""

    words: int
    placeholder: bool


def substance(text: str) -> Told:
    """How much a text says."""
    without = _TEMPLATE.sub(" ", text)
    without = _NEEDED.sub(" ", _VARIABLE.sub(" ", _BRACKETED.sub(" ", without)))
    words = sum(
        len(_WORD.findall(line))
        for line in without.split("\n")
        if not _EMPTY.match(line) and not _LABEL.match(line)
    )
    return Told(words, words == 0 and bool(_WORD.search(text)))


def topics_of(heading: str) -> tuple[str, ...]:
    """The topics that a heading is about."""
    found = [topic for topic, words in _HEADINGS if words.search(heading)]
    return tuple(
        topic for topic in found if not any(narrow in found for narrow in _NARROWER.get(topic, ()))
    )


def read_sections(path: str, body: str, first: int) -> Iterator[tuple[SectionFacts, str]]:
    """Each topic that a heading of a text is about, with the text below it.

    Args:
        path: of the document.
        body: the document's text, in Markdown.
        first: the number of the text's first line in the document.
    """
    found = list(sections(body, first))
    own = _own_texts(found, body, first)
    for position, section in enumerate(found):
        asked = topics_of(section.heading)
        if not asked:
            continue
        text = "\n".join(_below(found, own, position))
        told = substance(text)
        for topic in asked:
            facts: SectionFacts = {
                "topic": topic,
                "kind": "heading",
                "heading": shown(section.heading, _MAX_HEADING),
                "path": path,
                "line": section.line,
                "words": told.words,
                "placeholder": told.placeholder,
            }
            yield facts, text


def opening(body: str, first: int) -> tuple[str, int]:
    """The text before and below a document's title, up to the next heading, and its first line.

    A card that begins with what the model is needs no heading over it.
    """
    found = list(sections(body, first))
    lines = plain_lines(body)
    if not found:
        return "\n".join(lines), first
    before = lines[: found[0].line - first]
    own = _own_texts(found[:2], body, first)[0] if found[0].level == 1 else ""
    return "\n".join([*before, own]), found[0].line


def plain_lines(body: str) -> list[str]:
    """The lines of a text without its comments, images, and the addresses of its links."""
    kept, at = [], 0
    while (start := body.find("<!--", at)) >= 0 and (stop := body.find("-->", start)) >= 0:
        kept += [body[at:start], "\n" * body.count("\n", start, stop)]
        at = stop + 3
    text = "".join([*kept, body[at:]])
    return [_LINK.sub(r"\1", _IMAGE.sub("", line)) for line in text.split("\n")]


def _own_texts(found: list[Section], body: str, first: int) -> list[str]:
    """Each section's text up to the next heading, whatever its level."""
    lines = plain_lines(body)
    starts = [section.line - first for section in found]
    return [
        "\n".join(lines[start + 1 : stop])
        for start, stop in zip(starts, [*starts[1:], len(lines)], strict=False)
    ]


def _below(found: list[Section], own: list[str], position: int) -> Iterator[str]:
    """A section's own text, and those of the deeper sections after it."""
    yield own[position]
    for deeper in range(position + 1, len(found)):
        if found[deeper].level <= found[position].level:
            return
        yield own[deeper]
