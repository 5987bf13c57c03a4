"""The recorded datasets as a BibTeX file.

A citation that is BibTeX already stays as it was written, with the DOI, the address and the day of
access added where it has none; its key is changed where two are the same. Everything else becomes
``@misc``. Values that nobody recorded are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from weighbridge.edge.bibtex import BibEntry, is_bibtex, parse_bibtex
from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput
from weighbridge.model.facts.dataset import DatasetFacts

# Braces count in BibTeX even behind a backslash, so they are written by name.
_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "$": r"\$",
    "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}", '"': r"\textquotedbl{}",
}  # fmt: skip
_KEY = re.compile(r"[^A-Za-z0-9:.+-]+")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_:./+-]*\Z")
_NO_ADDRESS = re.compile(r"[{}\\\"<>\s\x00-\x1f\x7f-\x9f]")
_LIMIT = 20_000


def render(datasets: Iterable[DatasetFacts]) -> bytes:
    """BibTeX in UTF-8, one entry or more a dataset."""
    keys: set[str] = set()
    entries: list[str] = []
    for facts in datasets:
        for number, entry in enumerate(_entries(facts)):
            fields = {name: text for name, text in entry.fields if _FIELD.match(name)}
            if number == 0:
                for name, text in _added(facts).items():
                    fields.setdefault(name, text)
            entries.append(_entry(entry.kind, _unique(entry.key or facts["id"], keys), fields))
    return "\n".join(entries).encode("utf-8", "backslashreplace")


def escaped(text: str) -> str:
    """A text as LaTeX shows it, on one line."""
    shown = visible(" ".join(text.split()), _LIMIT)
    return "".join(_ESCAPES.get(character, character) for character in shown)


def _entries(facts: DatasetFacts) -> tuple[BibEntry, ...]:
    text = facts["citation"]
    if is_bibtex(text):
        try:
            found = parse_bibtex(text)
        except HostileInput:
            found = ()  # of a file that is not kept by hand: its text is quoted below
        if found:
            return found
    fields = [("title", "{" + escaped(facts["id"]) + "}")]
    if text:
        fields.append(("note", escaped(text)))
    return (BibEntry("misc", "", tuple(fields)),)


def _added(facts: DatasetFacts) -> dict[str, str]:
    """Fields of biblatex that the record gives."""
    fields = {
        "doi": _address(facts["doi"]),
        "url": _address(facts["url"]) if "://" in facts["url"] else "",
        "urldate": facts["accessed"],
        "version": escaped(facts["pin"]),
        "license": escaped(facts["license_id"] or facts["license"]),
    }
    return {name: text for name, text in fields.items() if text}


def _address(text: str) -> str:
    """A DOI or address: read verbatim, so what would end it is percent-encoded."""
    return _NO_ADDRESS.sub(
        lambda m: "".join(f"%{byte:02X}" for byte in m[0].encode("utf-8", "backslashreplace")), text
    )


def _entry(kind: str, key: str, fields: dict[str, str]) -> str:
    lines = [f"  {name} = {{{_kept(text)}}},\n" for name, text in fields.items()]
    return f"@{kind}{{{key},\n{''.join(lines)}}}\n"


def _kept(text: str) -> str:
    """A value that was BibTeX before: its braces fit, its controls are shown."""
    return visible(" ".join(text.split()), _LIMIT) if len(text) <= _LIMIT else escaped(text)


def _unique(text: str, keys: set[str]) -> str:
    base = _KEY.sub("-", text).strip("-")[:80] or "dataset"
    key, number = base, 1
    while key.lower() in keys:
        number += 1
        key = f"{base}-{number}"
    keys.add(key.lower())
    return key
