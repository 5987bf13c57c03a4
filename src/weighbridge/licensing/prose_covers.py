"""What a sentence on a license is about: the model, its base, code, data, or something else.

The part of the sentence before its verb is looked at: "The training code is licensed under" is
about code, "which was fine-tuned from X, which is licensed under" about X.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Covers = Literal["", "model", "origin", "base", "code", "data", "other"]

_ADVERB = r"(?:[\w-]+ly\s+)?"
_BASE = (
    r"\b(?:base|original|underlying|upstream|parent|foundation|teacher|backbone|source)\s+"
    r"(?:[\w./-]+\s+){0,3}?(?:models?|weights|checkpoints?|llms?)\b|\bbackbone\b"
    r"|\b(?:the|its|our) base\b|\bmodels? (?:it|this(?: \w+)?) (?:is|was) (?:based|built"
    r"|fine-?tuned)"
)
_CODE = (
    r"\b(?:source[ -]?code|code ?(?:base|repo(?:sitory)?)?|scripts?|software|library|toolkit"
    r"|package|implementation|github repo(?:sitory)?|framework|notebooks?)\b"
)
_DATA = r"\b(?:data ?-?sets?|data|corpus|corpora|annotations?|benchmark|test ?set)\b"
_OTHER = (
    r"\b(?:outputs?|generated (?:content|images?|text)|generations?|documentation|docs|paper"
    r"|figures?|logos?|fonts?|website|demo|model card|tokeni[sz]er)\b"
)
_MODEL = (
    r"\b(?:models?|weights?|checkpoints?|adapters?|loras?|ggufs?|quants?|finetunes?|fine-tunes?"
    r"|merge|embeddings?|repo(?:sitory)?|project|work|release|materials|everything|series|it"
    r"|we)\b"
)
_SUBJECTS: tuple[tuple[Covers, re.Pattern[str]], ...] = (
    ("base", re.compile(_BASE, re.I)),
    ("code", re.compile(_CODE, re.I)),
    ("data", re.compile(_DATA, re.I)),
    ("other", re.compile(_OTHER, re.I)),
    ("model", re.compile(_MODEL, re.I)),
)
# "code model" and "data model" are models, "model code" and "model card" are none.
_CODE_MODEL = re.compile(
    r"\b(?:code|data|software|text|speech|paper)[ -]+(?:\w+[ -]+)?(?=models?\b|llms?\b)",
    re.I,
)
_MODEL_CODE = re.compile(
    r"\bmodels?(?:['’]s)?\s+(?=code|card|source|implementation|outputs?|repo code"
    r"|training (?:code|data))",
    re.I,
)
_PHRASE = re.compile(
    r"\s(?:of|for|in|from|behind|on|upon|with|using|used (?:to|for|in)|to (?:train|run"
    r"|fine-?tune|use)"
    r"|by)\s(?:(?!\band\b|\bwhich\b|\bthat\b)[^,;:()])*",
    re.I,
)
_RELATIVE = re.compile(r"\b(?:which|that|whose|who)\b(?:\s+[\w-]+){0,4}\s*\Z", re.I)
_DERIVED = re.compile(
    r"\b(?:based (?:up)?on|derived (?:version )?(?:from|of)|fine-?tun\w+ (?:version )?(?:on|of"
    r"|from|with)"
    r"|built (?:on|with|upon|from|using)|adapted from|distill\w+ from|merges? of|trained from"
    r"|initiali[sz]ed (?:from|with)|quanti[sz]\w+ (?:version )?(?:of|from)|conver\w+ (?:of|from)"
    r"|version of|c[ao]mes? from|taken from|obtained from|originat\w+ from"
    r"|continued? (?:pre-?)?train\w+ (?:of|from|on)|uses?|using)\b",
    re.I,
)
_TRAINED = re.compile(
    r"\b(?:trained|evaluated|tested|benchmarked) (?:\w+ )?(?:on|with|using)\b",
    re.I,
)
_ORIGIN = re.compile(r"\b(?:originally|initially)\s+(?:made\s+)?[\w-]+(?:\s+\w+){0,3}\Z", re.I)
_FAMILIES = re.compile(
    r"\b(?:llama|gemma|qwen|mistral|mixtral|falcon|deepseek|stable diffusion|sdxl|flux|phi"
    r"|bloom|opt"
    r"|starcoder|yi|exaone|nemotron|hunyuan|bert|roberta|t5|gpt|clip|whisper|vit)\b", re.I
)  # fmt: skip
_NAME_PARTS = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Names:
    """The names that the card itself gives: of the model, of what it was made from, of datasets."""

    own: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()


def covers_of(region: str, verb: str, names: Names) -> Covers:
    """What a statement is about.

    Args:
        region: the clause before the verb.
        verb: the words from the verb's adverb on ("originally licensed under").
        names: what things are called in this card.
    """
    region = region[-600:]
    relative = _RELATIVE.search(region)
    if relative:
        return _antecedent(region[: relative.start()], names)
    found = _subject(region)
    if not found:  # "X is derived from Y and is licensed": X is what this card is about
        found = "model" if _DERIVED.search(region) else _by_name(region, names)
    if _ORIGIN.search(f"{region}{verb}"):
        return "origin" if found in ("", "model") else found
    return found


def heading_covers(headings: Iterable[str]) -> Covers:
    """What a section is about by its headings; the innermost that says so counts.

    Everything below "Original model card" is about the base: repackagers quote it there.
    """
    inner: Covers = ""
    for heading in headings:
        if re.search(r"\boriginal (?:model|readme|llama|card)|\bbase model card", heading, re.I):
            return "base"
        if re.search(r"licen[sc]|terms|copyright", heading, re.I):
            inner = label_covers(heading)
        elif re.search(r"\b(?:training data|datasets?)\b", heading, re.I):
            inner = "data"
    return inner


def label_covers(label: str) -> Covers:
    """What a label such as "Code License" is about."""
    found = _subjects(_CODE_MODEL.sub("", _MODEL_CODE.sub("", label)))
    for covers in found:
        if covers == "model" and len(found) > 1:
            continue
        return covers
    return ""


def _subject(region: str) -> Covers:
    plain = _CODE_MODEL.sub(" ", _MODEL_CODE.sub(" ", region))
    found = _subjects(_PHRASE.sub(" ", f" {plain} ")) or _subjects(plain)
    if not found:
        return ""
    if found[0] == "base":
        return "base"
    if "model" in found and re.search(r"\b(?:and|or)\b|[,&/+]", plain):
        return "model"  # "the code and the weights"
    return found[0]


def _subjects(text: str) -> list[Covers]:
    """The kinds of things a text names, in their order; a base model is no model."""
    places: list[tuple[int, Covers]] = []
    taken: list[tuple[int, int]] = []
    for covers, pattern in _SUBJECTS:
        for match in pattern.finditer(text):
            if covers == "base":
                taken.append(match.span())
            elif any(begin <= match.start() < end for begin, end in taken):
                continue
            places.append((match.start(), covers))
    return list(dict.fromkeys(covers for _, covers in sorted(places, key=lambda p: p[0])))


def _antecedent(region: str, names: Names) -> Covers:
    """What "which" stands for."""
    derived = [m.end() for m in _DERIVED.finditer(region)]
    trained = [m.end() for m in _TRAINED.finditer(region)]
    if trained and trained[-1] >= max(derived, default=0):
        return "data"
    if derived:
        last = _subjects(region[derived[-1] :])
        return last[-1] if last and last[-1] in ("code", "data", "other") else "base"
    last = _subjects(region)
    return last[-1] if last else _by_name(region, names)


def _by_name(region: str, names: Names) -> Covers:
    """The same by a name: this model's own, its base's, a dataset's, a well-known family's."""
    tail = region[-160:]
    for covers, listed in (("model", names.own), ("data", names.datasets), ("base", names.bases)):
        if any(_names_it(tail, name) for name in listed):
            return covers  # type: ignore[return-value]
    return "base" if _FAMILIES.search(tail) else ""


def _names_it(text: str, name: str) -> bool:
    parts = _NAME_PARTS.findall(name.lower().rpartition("/")[2])
    joined = "".join(parts)
    return len(joined) >= 4 and joined in "".join(_NAME_PARTS.findall(text.lower()))
