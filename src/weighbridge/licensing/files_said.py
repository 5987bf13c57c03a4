"""What license, notice and use-policy files say beside their terms: sentences worth a fact.

Copyright statements and attributions of a NOTICE; the address of a use policy that a text takes in
without holding it, and whether "the latest version" of it holds; and a sentence that keeps rights
from people in a territory. These are told by their wording in general, never by a known sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from weighbridge.licensing.prose_names import find_names

MAX_FOUND = 50
MAX_WORDS = 400  # characters of a sentence that are kept
_MAX_SENTENCE = 3_000

_END = re.compile(
    r"(?<=[.;!?])[\"')\]*_]{0,3}\s+(?=[A-Z0-9\[(\"'*_])|\n\s*\n"
    r"|\n(?=\s{0,8}(?:[-*+•]|\d{1,2}[.)]|#)\s)|\n(?=\s{0,8}(?:[Cc]opyright|COPYRIGHT|©|\(c\))\s)"
)
_COPYRIGHT = re.compile(r"\W{0,10}(?:portions\s+)?(?:copyright\b|©|\(c\)\s*\d{4})", re.I)
_ATTRIBUTION = re.compile(
    r"\b(?:is|are) licen[sc]ed under\b|\bbuilt with\b|\bpowered by\b|\bincludes? (?:software"
    r"|code|work|material)"
    r"|\bdeveloped (?:by|at)\b|\bderived from\b|\bbased on\b|\bprovided under and subject to\b",
    re.I,
)
_ADDRESS = re.compile(
    r"(?:https?://|www\.|\b(?:[a-z0-9-]{1,40}\.){1,4}(?:com|org|dev|ai|net|io"
    r"|co)/)[^\s<>()\[\]\"'|]{1,400}",
    re.I,
)
_POLICY_NAME = re.compile(
    r"\b(?:acceptable|prohibited|responsible|permitted)[- ]us(?:e|age)s?\b|\buse polic(?:y"
    r"|ies)\b|\busage polic(?:y|ies)\b"
    r"|\buse restrictions\b",
    re.I,
)
_LATEST = re.compile(
    r"\b(?:latest version|most recent version|from time to time|as (?:may be )?(?:amended"
    r"|updated|modified)"
    r"|then[- ]current|current version)\b",
    re.I,
)
_WITHHELD = re.compile(
    r"\b(?:not|no|never|nor|excluding|excludes?|except(?:ing)?|outside|other than"
    r"|prohibited)\b",
    re.I,
)
_RIGHTS = re.compile(
    r"\b(?:rights?|licen[sc]es?|granted?|appl(?:y|ies|icable)|territory|use|permitted)\b",
    re.I,
)
_PEOPLE = re.compile(
    r"\b(?:domiciled?|resid(?:e|es|ing|ents?)|principal place of business|established|located"
    r"|headquartered"
    r"|incorporated|territory|jurisdictions?|worldwide|appl(?:y|ies))\b",
    re.I,
)
_TERRITORIES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (code, re.compile(rf"\b(?:{words})\b", re.I if not words.isupper() else 0))
    for code, words in (
        ("EU", r"European\s+Union"),
        ("GB", r"United\s+Kingdom|Great\s+Britain"),
        ("KR", r"South\s+Korea|Republic\s+of\s+Korea"),
        ("US", r"United\s+States"),
        ("CN", r"People['’]s\s+Republic\s+of\s+China|mainland\s+China"),
        ("JP", r"Japan"),
        ("CH", r"Switzerland"),
        ("CA", r"Canada"),
        ("AU", r"Australia"),
        ("RU", r"Russian\s+Federation"),
    )
)
_GOVERNING = re.compile(r"\b(?:governed|construed|laws? of|courts? of|export|sanction)", re.I)
_MULTIMODAL = re.compile(r"\bmulti-?modal\b", re.I)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that is more than the terms; ``what`` as in ``SentenceFacts``."""

    what: Literal["copyright", "attribution", "policy-link", "latest"]
    line: int
    words: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Territory:
    """A sentence that keeps rights from people in a territory; codes as in ``TerritoryFacts``."""

    line: int
    words: str
    excluded: tuple[str, ...]
    models: tuple[str, ...]


def said_in_notice(text: str) -> list[Sentence]:
    """Copyright statements and attributions, in their order, at most MAX_FOUND."""
    found: list[Sentence] = []
    for line, sentence in _sentences(text):
        if len(found) == MAX_FOUND:
            break
        if _COPYRIGHT.match(sentence):
            found.append(Sentence("copyright", line, _cut(sentence)))
        elif _ATTRIBUTION.search(sentence):
            address = _ADDRESS.search(sentence)
            found.append(
                Sentence(
                    "attribution", line, _cut(sentence), address[0].rstrip(".,;") if address else ""
                )
            )
    return found


def policy_links(text: str) -> list[Sentence]:
    """The use policies that a text takes in by their address, in their order, at most MAX_FOUND."""
    found: list[Sentence] = []
    for line, sentence in _sentences(text):
        if len(found) == MAX_FOUND:
            break
        named = _POLICY_NAME.search(sentence)
        addresses = [m[0].rstrip(".,;").replace("\\_", "_") for m in _ADDRESS.finditer(sentence)]
        latest = _LATEST.search(sentence) is not None
        if not named or not (addresses or latest):
            continue
        near = next((a for a in addresses if re.search(r"polic|use|prohibited|aup", a, re.I)), "")
        if not near and not latest:
            continue
        found.append(Sentence("latest" if latest else "policy-link", line, _cut(sentence), near))
    return found


def territories(text: str) -> list[Territory]:
    """Sentences that withhold rights from people in a territory, at most MAX_FOUND.

    All of these must stand in one sentence: a right or license, that it is withheld, whom by place,
    and the place. A sentence on governing law, courts or export is none.
    """
    found: list[Territory] = []
    for line, sentence in _sentences(text):
        if len(found) == MAX_FOUND:
            break
        codes = tuple(code for code, pattern in _TERRITORIES if pattern.search(sentence))
        if not codes or _GOVERNING.search(sentence):
            continue
        if all(pattern.search(sentence) for pattern in (_WITHHELD, _RIGHTS, _PEOPLE)):
            models = ("multimodal",) if _MULTIMODAL.search(sentence) else ()
            found.append(Territory(line, _cut(sentence), codes, models))
    return found


def policy_licenses(text: str) -> tuple[str, ...]:
    """The licenses that a use policy belongs to, or how their ids begin, by its title."""
    head = "\n".join([line for line in text.split("\n") if line.strip()][:3])[:400]
    title, _, _ = head.partition(". ")
    mentions = find_names(title)
    if not mentions:
        return ()
    return mentions[0].named.ids or mentions[0].named.family


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    """Each sentence and its line."""
    at = line = 0
    line = 1
    for match in [*_END.finditer(text), None]:
        end = match.start() if match else len(text)
        sentence = text[at:end]
        stripped = sentence.lstrip()
        start = line + sentence[: len(sentence) - len(stripped)].count("\n")
        if stripped:
            yield start, " ".join(stripped[:_MAX_SENTENCE].split())
        after = match.end() if match else len(text)
        line += text.count("\n", at, after)
        at = after


def _cut(text: str) -> str:
    return text if len(text) <= MAX_WORDS else text[: MAX_WORDS - 1] + "…"
