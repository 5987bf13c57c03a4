"""A training-content record by framework, as Markdown and as JSON, with every empty field listed.

Nothing is inferred: a value stands there with the file and line in which somebody wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from weighbridge.edge.text import visible
from weighbridge.model.training_answers import Answer, Content, State, answers
from weighbridge.model.training_content import NAME

SCHEMA = "weighbridge.training-content/1"
TITLES = {
    "eu-ai-act": "Public summary of training content (Regulation (EU) 2024/1689, Art. 53(1)(d))",
    "ab-2013": "Training data documentation (California AB 2013)",
    "data-provenance": "Data provenance (Data & Trust Alliance, Data Provenance Standards 1.0.0)",
}
HEADINGS = {
    "eu-ai-act": {
        "0": "The summary",
        "1.1": "Provider",
        "1.2": "Model",
        "1.3": "Modalities, size and characteristics of the training data",
        "2": "Sources of data",
        "2.1": "Publicly available datasets",
        "2.2.1": "Datasets licensed from rightsholders",
        "2.2.2": "Private datasets of other third parties",
        "2.3": "Crawled and scraped data",
        "2.4": "User data",
        "2.5": "Synthetic data",
        "2.6": "Other sources",
        "3.1": "Reservations of rights",
        "3.2": "Illegal content",
        "3.3": "Other information",
    }
}
_MARKS = frozenset("\\`*_{}[]<>#!|~$&:@")
_LIMIT = 5_000


def as_markdown(framework: str, known: Content, *, subject: str) -> bytes:
    """The record for people, in UTF-8."""
    found = answers(framework, known)
    lines = [f"# {TITLES[framework]}", "", f"Model: {_text(subject)}", ""]
    if framework == "eu-ai-act":
        lines += list(_by_section(framework, found))
    else:
        lines += list(_by_dataset(found, known))
    lines += list(_empty(found, known))
    return "\n".join(lines).encode("utf-8", "backslashreplace") + b"\n"


def as_json(framework: str, known: Content, *, subject: str) -> bytes:
    """The record for programs, in ASCII."""
    found = answers(framework, known)
    document = {
        "schema": SCHEMA,
        "framework": framework,
        "subject": subject,
        "file": known.path or None,
        "fields": [_field(answer) for answer in found],
        "empty": [_name(answer) for answer in found if answer.missing],
        "empty_optional": [
            _name(answer) for answer in found if answer.state is State.EMPTY and not answer.missing
        ],
        "undecided": [_name(answer) for answer in found if answer.state is State.DEPENDS],
        "not_training": list(known.left_out),
    }
    text = json.dumps(document, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f")
    return text.encode() + b"\n"


def _by_section(framework: str, found: Sequence[Answer]) -> Iterator[str]:
    section = ""
    for answer in found:
        number = answer.asked.number
        if number != section:
            if section:
                yield ""
            section = number
            heading = HEADINGS[framework][number]
            yield from (f"## {number}. {heading}" if number != "0" else f"## {heading}", "")
        if answer.state is not State.DOES_NOT_APPLY:
            yield from _line(answer)
    yield ""


def _by_dataset(found: Sequence[Answer], known: Content) -> Iterator[str]:
    for one in known.datasets:
        yield from (f"## {_text(one.id)}", "")
        for answer in found:
            if answer.dataset == one.id:
                yield from _line(answer, numbered=True)
        yield ""
    if not known.datasets:
        yield from ("No dataset is named.", "")


def _line(answer: Answer, *, numbered: bool = False) -> Iterator[str]:
    label = answer.asked.label
    if numbered:
        label = f"{answer.asked.number}. {label}"
    elif answer.dataset:
        label = f"{label}: {_text(answer.dataset)}"
    if answer.value is None:
        yield f"- **{label}:** {_nothing(answer)}"
        return
    texts = [_text(text) for text in answer.value.texts]
    place = f" ({_text(answer.value.place)})"
    if len(texts) == 1:
        yield f"- **{label}:** {texts[0]}{place}"
        return
    yield f"- **{label}:**{place}"
    yield from (f"  - {text}" for text in texts)


def _nothing(answer: Answer) -> str:
    if answer.state is State.DEPENDS:
        return "not decided: what it depends on is empty"
    return "empty (optional)" if answer.asked.optional else "**empty**"


def _empty(found: Sequence[Answer], known: Content) -> Iterator[str]:
    """What a person has to write, and where."""
    missing = [answer for answer in found if answer.missing]
    optional = [a for a in found if a.state is State.EMPTY and not a.missing]
    undecided = [answer for answer in found if answer.state is State.DEPENDS]
    yield from (f"## Empty fields ({len(missing)})", "")
    if missing:
        yield from (f"To be written in {known.path or NAME}; nothing is inferred.", "")
    for title, answers_ in (("", missing), ("Optional", optional), ("Not decided", undecided)):
        if answers_ and title:
            yield from ("", f"{title}:", "")
        for answer in answers_:
            yield f"- {_listed(answer)}"
    if not missing:
        yield "None that is mandatory."
    if known.left_out:
        names = ", ".join(_text(name) for name in known.left_out)
        yield from ("", f"Not listed, since they are recorded as not trained on: {names}.")


def _listed(answer: Answer) -> str:
    where = f"{_text(answer.dataset)}: " if answer.dataset else ""
    keys = " or ".join(f"`{key}`" for key in answer.asked.keys)
    return f"{where}{answer.asked.number}. {answer.asked.label} ({keys})"


def _field(answer: Answer) -> dict[str, Any]:
    return {
        **_name(answer),
        "state": answer.state.value,
        "mandatory": not answer.asked.optional,
        "values": list(answer.value.texts) if answer.value else [],
        "place": answer.value.place if answer.value else None,
    }


def _name(answer: Answer) -> dict[str, Any]:
    return {
        "number": answer.asked.number,
        "label": answer.asked.label,
        "dataset": answer.dataset or None,
        "keys": list(answer.asked.keys),
    }


def _text(text: str) -> str:
    """Text of others in Markdown: on one line, and none of it markup."""
    shown = visible(" ".join(text.split()), _LIMIT)
    escaped = "".join(f"\\{c}" if c in _MARKS else c for c in shown)
    return escaped.replace("www.", "www\\.")  # which GitHub would make a link
