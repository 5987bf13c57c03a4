"""Statements of a license in the text of a README or notice: what is said, of what, and where.

A statement is a license's name in a place that states one: after "licensed under" and its like, on
a line labeled "License", in a badge, in a section on the license, or after
``SPDX-License-Identifier``. A name anywhere else is a mention and says nothing. What is denied,
past or planned is no statement either, and a license that is "modified" or comes "with
restrictions" is stated without being any license that is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from weighbridge.licensing.ids import resolve
from weighbridge.licensing.prose_blocks import blocks
from weighbridge.licensing.prose_covers import (
    Covers,
    Names,
    covers_of,
    heading_covers,
    label_covers,
)
from weighbridge.licensing.prose_links import address_license, badge_texts
from weighbridge.licensing.prose_names import Mention, find_names
from weighbridge.licensing.prose_statement import (
    Place,
    Statement,
    cut,
    operator_of,
    statement_of,
)
from weighbridge.licensing.prose_words import (
    CELL,
    CLAUSE,
    COPULA,
    DENIED,
    FOR_AFTER,
    HINT,
    JOINED,
    LABEL,
    LICENSED_AFTER,
    MAX_BETWEEN,
    MODEL_SIZE,
    NOUN,
    SECTION,
    SENTENCE_END,
    SPDX,
    STARTS,
    VERB,
)

MAX_STATEMENTS = 200
MAX_NAMES = 24  # of one sentence; what names more is a list and states nothing


def statements(body: str, first: int = 1, names: Names | None = None) -> Iterator[Statement]:
    """The license statements of a text in Markdown, in their order; at most MAX_STATEMENTS.

    Args:
        body: the text, without front matter.
        first: the number of its first line.
        names: what the model, its base and its data are called.
    """
    count = 0
    for block in blocks(body, first, _wanted):
        in_section = _in_section(block.headings)
        place = Place(block, in_section, heading_covers(block.headings), names or Names())
        for statement in _of_block(place):
            yield statement
            count += 1
            if count >= MAX_STATEMENTS:
                return


def _in_section(headings: Sequence[str]) -> bool:
    """Whether a section is on the license, by its heading and the one above it."""
    return SECTION.search(" ".join(headings[-2:])) is not None


def _wanted(raw: str, headings: Sequence[str]) -> bool:
    return HINT.search(raw) is not None or _in_section(headings)


def _of_block(place: Place) -> Iterator[Statement]:
    block = place.block
    found = badged = False
    for match in SPDX.finditer(block.text):
        resolved = resolve(match[1].strip())
        if resolved.id:
            yield Statement(
                block.line(match.start()),
                cut(match[0]),
                match[1].strip(),
                resolved.symbols,
                (),
                "",
                place.section,
                "spdx",
                operator_of(match[1]) if len(resolved.symbols) > 1 else "",
            )
            found = True
    for address in block.addresses:
        badge = _badge(place, address)
        if badge is not None:
            yield badge
            badged = True
    if found:
        return
    labeled = list(_labeled(place))
    if labeled:
        yield from labeled
        return
    at = 0
    for part in [*SENTENCE_END.finditer(block.text), None]:
        end = part.start() if part else len(block.text)
        for statement in _of_sentence(place, at, block.text[at:end]):
            yield statement
            found = True
        at = part.end() if part else end
    if not found and not badged:
        yield from _linked(place)


def _badge(place: Place, address: str) -> Statement | None:
    texts = badge_texts(address)
    if texts is None or not re.search(r"licen[sc]", texts[0], re.I):
        return None
    mentions = find_names(texts[1])
    if not mentions:
        return None
    covers = label_covers(re.sub(r"licen[sc]es?", "", texts[0], flags=re.I)) or place.section
    return statement_of(place, 0, f"{texts[0]}: {texts[1]}", mentions, covers, "badge")


def _labeled(place: Place) -> Iterator[Statement]:
    """Lines such as ``License: MIT`` or ``- **Code license:** Apache 2.0``, also in one row."""
    text = place.block.text
    cells = [(m.start(), m.end()) for m in CELL.finditer(text)]
    several = len(cells) > 1 and sum(bool(LABEL.match(text[a:b])) for a, b in cells) > 1
    for begin, end in cells if several else [(0, len(text))]:
        match = LABEL.match(text[begin:end])
        if match is None:
            continue
        value = match["value"]
        mentions = [m for m in find_names(value) if m.begin <= 60]
        lead = value[: mentions[0].begin] if mentions else ""
        # "License: the code is released under …" is a sentence
        if not mentions or DENIED.search(lead) or VERB.search(lead):
            continue
        covers = label_covers(f"{match['label']} {match['more']}") or place.section
        yield from _grouped(place, begin + match.start("value"), value, mentions, covers, "label")


def _of_sentence(place: Place, at: int, sentence: str) -> Iterator[Statement]:
    mentions = find_names(sentence)
    if len(mentions) > MAX_NAMES:
        return
    groups: list[list[Mention]] = []
    for mention in mentions:
        last = groups[-1][-1] if groups else None
        if last and JOINED.fullmatch(sentence, last.end, mention.begin):
            groups[-1].append(mention)
        else:
            groups.append([mention])
    before = 0
    earlier: Covers | None = None
    for group in groups:
        told = _stated(place, sentence, group[0], before, earlier)
        if told is None:
            continue
        stated, said = told
        after = _after(sentence, group[-1])
        covers = after or stated
        denied = sentence[max(before, group[0].begin - 120) : group[0].begin]
        before = group[-1].end
        if DENIED.search(_last_clause(denied)):
            earlier = None
            continue
        earlier = covers
        per_name = [_after(sentence, m) for m in group]
        if len(group) > 1 and all(per_name) and len(set(per_name)) > 1:
            for mention, own in zip(group, per_name, strict=True):
                yield statement_of(place, at, sentence, [mention], own, "sentence", said)
            continue
        yield statement_of(place, at, sentence, group, covers, "sentence", said)


def _stated(
    place: Place, sentence: str, mention: Mention, before: int, earlier: Covers | None
) -> tuple[Covers, int] | None:
    """What the mention is stated of, and where the verb ends; None where it is no statement."""
    begin = max(before, mention.begin - 700)
    region = sentence[begin : mention.begin]
    weak = mention.named.weak and not mention.called_license
    if weak and MODEL_SIZE.match(sentence, mention.end):
        return None
    verbs = [v for v in VERB.finditer(region) if len(region) - v.end() <= MAX_BETWEEN]
    verb = verbs[-1] if verbs else None if weak else COPULA.search(region)
    if verb is not None:
        told = covers_of(_last_clause(region[: verb.start()]), verb.group(), place.names)
        return told or earlier or place.section, begin + verb.end()
    told = covers_of(_last_clause(region), "", place.names) or place.section
    licensed = LICENSED_AFTER.match(sentence, mention.end)
    if licensed:
        noun = NOUN.match(sentence, licensed.end())
        if noun is None:
            return told, begin
        of = label_covers(noun[1])  # "an MIT-licensed model": of what, the noun says
        return (of, begin) if of else None
    in_section = place.in_section or STARTS.match(place.block.text) is not None
    if not in_section or weak:
        return None
    short = len(sentence.split()) <= 12
    return (told, begin) if short or mention.called_license else None


def _after(sentence: str, mention: Mention) -> Covers:
    """What stands after the name: "(code)", "for the weights"."""
    match = FOR_AFTER.match(sentence, mention.end)
    return label_covers(match[1]) if match else ""


def _last_clause(region: str) -> str:
    ends = [m.end() for m in CLAUSE.finditer(region)]
    return region[ends[-1] :] if ends else region


def _linked(place: Place) -> Iterator[Statement]:
    """A link to a license's own page, in a section on the license or after "under"."""
    text = place.block.text
    verb = VERB.search(text)
    if not place.in_section and verb is None:
        return
    for address in place.block.addresses:
        named = address_license(address)
        if named is None:
            continue
        region = _last_clause(text[: verb.start()]) if verb else ""
        if DENIED.search(_last_clause(text[: verb.end()] if verb else text)):
            return
        covers = covers_of(region, verb.group() if verb else "", place.names) or place.section
        mention = Mention(0, 0, address, named, called_license=True)
        yield statement_of(place, 0, text, [mention], covers, "link")
        return


def _grouped(
    place: Place, at: int, text: str, mentions: list[Mention], covers: Covers,
    source: Literal["label"],
) -> Iterator[Statement]:  # fmt: skip
    """One statement, or one a name where each says what it is for: "MIT (code), ISC (data)"."""
    per_name = [_after(text, m) for m in mentions]
    if len(mentions) > 1 and len(set(per_name)) > 1:
        for mention, own in zip(mentions, per_name, strict=True):
            yield statement_of(place, at, text, [mention], own or covers, source)
        return
    group = [mentions[0]]
    for mention in mentions[1:]:
        if not JOINED.fullmatch(text, group[-1].end, mention.begin):
            break
        group.append(mention)
    yield statement_of(place, at, text, group, per_name[0] or covers, source)
