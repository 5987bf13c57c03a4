"""Parents that the text of a card names in sentences, and recipes that stand in it as code.

Sentences are read conservatively: after words that say how one model came from another there must
stand a link to the Hub, or a name of the form ``org/name`` that no ordinary phrase has. The words
are those of cards that tools write (the Trainer of transformers, sentence-transformers, mergekit,
llama.cpp conversions) and of what authors write in their manner. A denial, or a sentence whose
subject is another model, names no parent. What stands in code is not prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from weighbridge.collect.model_ledger import place, shown
from weighbridge.collect.model_names import is_hub_id, plain
from weighbridge.model.facts.lineage import Relation
from weighbridge.model.facts.model import PlaceFacts

MAX_FOUND = 200
_WINDOW = 400  # characters after the words in which names are looked for
_MAX_KEY = 60
_PART = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}"
_HOST = r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)"
_LINK = re.compile(
    rf"\[([^\[\]\n]{{0,200}})\]\(({_HOST}/[^\s()<>]{{1,300}})\)|<?({_HOST}/[^\s()<>\]]{{1,300}})>?"
)
_PAGE = re.compile(
    rf"{_HOST}/(datasets/)?({_PART}(?:/{_PART})?)"
    r"(?:/(?:tree|blob|resolve|commit|raw)/([^/?#\s]{1,200}))?(?:[/?#].*)?\Z"
)
# First words of the Hub's paths that are no organization.
_NOT_MODELS = frozenset(
    {
        "datasets", "spaces", "docs", "blog", "papers", "collections", "models", "tasks", "learn",
        "join", "pricing", "settings", "new", "posts", "organizations", "chat", "terms-of-service",
        "privacy", "enterprise", "support", "api", "login", "hub", "course", "transformers",
    }
)  # fmt: skip
_BARE = re.compile(rf"([*_`\"']{{0,3}})({_PART}/{_PART})(?![\w/])")
_FILLER = re.compile(
    r"(?:[\s*_`\"':]|\[optional\]|\b(?:the|an?|our|model|base|original|pre-?trained|following|models?|both|"
    r"official|instruct|top|instruction|tuned|large|language|llm|repo(?:sitory)?|checkpoint|weights|"
    r"datasets?|data|outputs?|responses?|completions?|generated|by|from|of|it|is|are)\b|[-•]\s)"
    r"{0,12}",
    re.IGNORECASE,
)
_MORE = re.compile(r"[*_`\"']{0,3}(?:\s*(?:,|\band\b|\bwith\b|&|\+|\n\s*[-*•]|\n\s*\d+\.)\s*){1,3}",
                   re.IGNORECASE)  # fmt: skip
_TUNED = r"(?:further\s+)?(?:instruction[- ]|supervised[- ])?fine[- ]?tun(?:ed?|ing)"
_MADE = r"(?:version|variant|quantization|quant|conversion)s?"
_Q = r"(?:quantiz(?:ed|ation)|quantised|gptq|awq|gguf|ggml|exl[23]|int8|int4|fp8|[2-8]-bit)"
_TUNING = re.compile(_TUNED, re.IGNORECASE)
_ON = r"(?:on|with|using)"
_PATTERNS: tuple[tuple[Relation, str], ...] = (
    ("finetune", rf"\b{_TUNED}\s+(?:versions?\s+)?(?:of|from|on\s+top\s+of|upon|using|on)"),
    ("finetune", r"\bcontinu(?:ed|al)(?:ly)?\s+pre-?train(?:ed|ing)\s+(?:of|from|on\s+top\s+of)"),
    ("finetune", r"\b(?:derived|initiali[sz]ed)\s+from"),
    ("adapter", r"\b(?:q?lora|adapter)s?\s+(?:weights\s+)?(?:trained\s+)?(?:for|of|on)"),
    ("quantized", rf"\b{_Q}\b[^.\n]{{0,40}}?\b{_MADE}\s+(?:of|for)"),
    ("quantized", rf"\b{_Q}\s+(?:format\s+)?model\s+files\s+for"),
    ("quantized", r"\bquanti[sz](?:ed\s+from|ations?\s+of)"),
    ("quantized", r"\bconverted\s+to\s+gguf\s+(?:format\s+)?from"),
    ("repack", r"\bconverted\s+to\s+(?:mlx|onnx|safetensors|openvino)\s+(?:format\s+)?from"),
    ("merge", r"\bmerged?\s+(?:\w+\s+){0,2}(?:of|between)"),
    ("merge", r"\bmerge\s+method\s+using"),
    ("merge", r"\bmodels\s+were\s+included\s+in\s+the\s+merge"),
    ("distilled-from-outputs", r"\bdistill(?:ed|ation)\s+(?:version\s+)?(?:from|of)"),
    ("distilled-from-outputs", r"\b(?:outputs?|responses|synthetic\s+data)\s+(?:of|from)"),
    ("distilled-from-outputs", r"\b(?:generated|synthesi[sz]ed)\s+(?:by|with|using)"),
    ("trained-on", rf"\b(?:{_TUNED}|(?:pre-?)?trained|tuned)(?:\s+further)?\s+{_ON}"),
    ("trained-on", r"(?<=\))\s+on"),
    ("calibrated-on", r"\bcalibrat(?:ed|ion)\b[^.\n]{0,40}?\b(?:on|with|using|from|dataset)"),
)  # fmt: skip
_WORDS = tuple((relation, re.compile(rf"{p}\b", re.IGNORECASE)) for relation, p in _PATTERNS)
_DENIED = re.compile(
    r"\b(?:not|never|unlike|than|instead\s+of|without|no|compar\w+|cannot)\b|n['’]t\b", re.I
)
_ORIGINALLY = re.compile(
    r"\boriginally\s+licensed\s+under\s+(?:the\s+)?(?:\[([^\[\]\n]{2,80})\]\(([^\s()]{1,300})\)|"
    r"[*_`]{0,2}([A-Za-z][\w.+ -]{1,60}?\d[\w.]{0,10}|MIT)\b)",
    re.IGNORECASE,
)
_CODE = re.compile(r"^ {0,3}(```|~~~)[^\n]{0,200}\n(.*?)(?:^ {0,3}\1[ \t]*$|\Z)", re.M | re.S)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A model or dataset that a sentence names. ``license`` is what it says of its license."""

    dataset: bool
    id: str
    revision: str
    relation: Relation
    place: PlaceFacts
    license: str = ""


def mentions(body: str, path: str, first_line: int, own: str) -> Iterator[Mentioned]:
    """Each parent that a card's text names in a sentence; at most :data:`MAX_FOUND`.

    Args:
        body: the text after the front matter.
        path: of the card, for the places.
        first_line: the line at which the text begins.
        own: the thing's own id or name: a sentence may begin with it.
    """
    text = _without(_COMMENT, _without(_CODE, body))
    given = 0
    seen: set[tuple[str, str, str]] = set()
    for found in _all(text, path, first_line, own):
        known = (found.id.casefold(), found.relation, found.license)
        if known in seen:
            continue
        seen.add(known)
        yield found
        given += 1
        if given == MAX_FOUND:
            return


def code_blocks(body: str) -> Iterator[tuple[str, int]]:
    """Each fenced block's text, and how many lines stand before it."""
    for block in _CODE.finditer(body):
        yield block[2], body.count("\n", 0, block.start(2))


def _all(text: str, path: str, first_line: int, own: str) -> Iterator[Mentioned]:
    for relation, words in _WORDS:
        for trigger in words.finditer(text):
            if not _counts(text, trigger, own):
                continue
            for data, name, revision, linked in _targets(text, trigger.end()):
                kind = _relation(relation, dataset=data, linked=linked)
                if kind and plain(name) != plain(own):
                    line = first_line + text.count("\n", 0, trigger.start())
                    at = place(path, shown(trigger[0], _MAX_KEY), line)
                    yield Mentioned(data, name, revision, kind, at)
    for found in _ORIGINALLY.finditer(text):
        page = _page(found[2]) if found[2] else None
        if page is not None and not page[0] and plain(page[1]) != plain(own):
            at = place(path, "originally licensed under",
                       first_line + text.count("\n", 0, found.start()))  # fmt: skip
            yield Mentioned(page[0], page[1], "", "finetune", at, found[1].strip())


def _relation(relation: Relation, *, dataset: bool, linked: bool) -> Relation:
    """What words about a relation mean before a dataset, and before a model; empty for nothing."""
    if relation in ("trained-on", "calibrated-on"):
        return relation if dataset else ""
    if not dataset:
        return relation
    return "trained-on" if relation == "finetune" and linked else ""


def _counts(text: str, trigger: re.Match[str], own: str) -> bool:
    """Whether the sentence speaks of this thing: nothing denies it, no other model stands first."""
    start = trigger.start()
    begin = max(text.rfind("\n\n", 0, start), text.rfind(". ", 0, start), start - 300, 0)
    before = text[begin:start]
    if _DENIED.search(before[-40:]):
        return False
    for link in _LINK.finditer(before):
        page = _page(link[2] or link[3])
        if page and not page[0] and plain(page[1]) != plain(own) and "/" in page[1]:
            # "fine-tuned from [this] on [that]" has its own parent before the data
            return trigger[0].strip() == "on" and bool(_TUNING.search(before))
    return True


def _targets(text: str, start: int) -> Iterator[tuple[bool, str, str, bool]]:
    """The names that follow: whether a dataset, the id, a revision, and whether it is a link."""
    window = text[start : start + _WINDOW]
    stop = re.search(r"\.\s+[A-Z]|\n#", window)
    window = window[: stop.start()] if stop else window
    at = _skip(window, 0)
    for _ in range(30):
        link, bare = _LINK.match(window, at), _BARE.match(window, at)
        if link is not None:
            page = _page(link[2] or link[3])
            if page is None:
                return
            yield *page, True
            at = link.end()
        elif bare is not None and _is_name(bare[2], quoted=bool(bare[1])):
            name, end = bare[2].rstrip(".-_"), bare.end()
            after = window[end : end + 20]
            yield bool(re.match(r"[*_`\"']{0,3}\s+(?:data ?set|corpus|data)\b", after, re.I)), \
                name, "", False  # fmt: skip
            at = end
        else:
            return
        more = _MORE.match(window, at)
        if more is None:
            return
        at = _skip(window, more.end())


def _skip(window: str, at: int) -> int:
    found = _FILLER.match(window, at)
    return found.end() if found else at


def _page(address: str) -> tuple[bool, str, str] | None:
    """A page of the Hub: whether a dataset's, its id, and the revision it shows."""
    found = _PAGE.match(address.rstrip(".,;:*_`"))
    if found is None:
        return None
    name = found[2]
    if not found[1] and name.split("/")[0].lower() in _NOT_MODELS:
        return None
    revision = unquote(found[3] or "")
    return (
        (bool(found[1]), name, "" if revision == "main" else revision) if is_hub_id(name) else None
    )


def _is_name(text: str, *, quoted: bool) -> bool:
    """Whether ``a/b`` in running text is an id and no phrase: quoted, or with a digit or hyphen."""
    name = text.rstrip(".-_").partition("/")[2]
    odd = any(c.isdigit() for c in name) and any(c.isalpha() for c in name)
    return is_hub_id(text.rstrip(".-_")) and (quoted or odd or "-" in name)


def _without(pattern: re.Pattern[str], text: str) -> str:
    """The text with what matches blanked, its lines kept."""
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
