"""The recorded datasets as the references of a CITATION.cff (Citation File Format 1.2.0)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from weighbridge.edge.bibtex import is_bibtex, names, parse_bibtex, plain
from weighbridge.edge.text import visible
from weighbridge.edge.yaml_text import quoted
from weighbridge.model.errors import HostileInput
from weighbridge.model.facts.dataset import DatasetFacts

# The format's enumeration is that of SPDX as of 2021. Of it, what data come under; another id would
# make the file invalid, so it is told in ``notes``.
_LICENSES = frozenset(
    {
        "0BSD", "AGPL-3.0-only", "AGPL-3.0-or-later", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause",
        "CC-BY-1.0", "CC-BY-2.0", "CC-BY-2.5", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-NC-2.0",
        "CC-BY-NC-3.0", "CC-BY-NC-4.0", "CC-BY-NC-ND-3.0", "CC-BY-NC-ND-4.0", "CC-BY-NC-SA-2.0",
        "CC-BY-NC-SA-3.0", "CC-BY-NC-SA-4.0", "CC-BY-ND-3.0", "CC-BY-ND-4.0", "CC-BY-SA-2.0",
        "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC-PDDC", "CC0-1.0", "CDLA-Permissive-1.0",
        "CDLA-Sharing-1.0", "GFDL-1.2-only", "GFDL-1.3-only", "GFDL-1.3-or-later", "GPL-2.0-only",
        "GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later", "ISC", "LGPL-3.0-only",
        "LGPL-3.0-or-later", "MIT", "MPL-2.0", "O-UDA-1.0", "ODC-By-1.0", "ODbL-1.0", "OGL-UK-3.0",
        "PDDL-1.0", "Unlicense", "etalab-2.0",
    }
)  # fmt: skip
_DOI = re.compile(r"10\.\d{4,9}(\.\d+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+\Z")
_URL = re.compile(r"https?://[^\s\x00-\x20<>\"{}|\\^`]+\Z")
_HUB = re.compile(r"([A-Za-z0-9][\w.-]{0,95})/[A-Za-z0-9][\w.-]{0,95}\Z")
_NAMING = frozenset({"card", "code", "config", "model-index"})


def render(datasets: Iterable[DatasetFacts], *, title: str, authors: Sequence[str]) -> bytes:
    """YAML in UTF-8.

    Args:
        datasets: what is recorded.
        title: the model's name.
        authors: who made the model, as it says itself; the format demands one.
    """
    lines = [
        "cff-version: 1.2.0",
        'message: "The datasets that this model was made from or measured on."',
        f"title: {_text(title)}",
        *_people([{"name": author} for author in authors], ""),
        "references:",
    ]
    before = len(lines)
    for facts in datasets:
        lines += _reference(facts)
    if len(lines) == before:
        lines[-1] = "references: []"
    return ("\n".join(lines) + "\n").encode()


def unfilled(facts: DatasetFacts) -> tuple[str, ...]:
    """What the format demands of a reference and the record does not give."""
    return () if _authors(facts) else ("authors (the format demands them)",)


def _reference(facts: DatasetFacts) -> Iterator[str]:
    yield "  - type: data"  # what the format calls a dataset among references
    title = next((plain(t) for t in (_bibtex(facts, "title"),) if t), "") or facts["id"]
    yield f"    title: {_text(title)}"
    yield from _people(_authors(facts), "    ")
    if year := re.match(r"\d{4}\Z", plain(_bibtex(facts, "year"))):
        yield f"    year: {year.group(0)}"
    if _DOI.match(facts["doi"]):
        yield f"    doi: {_text(facts['doi'])}"
    if _URL.match(facts["url"]):
        yield f"    url: {_text(facts['url'])}"
    if is_hub_id(facts):
        yield f"    repository: {_text('https://huggingface.co/datasets/' + facts['id'])}"
    if facts["pin_kind"] == "commit":
        yield f"    commit: {_text(facts['pin'])}"
    elif facts["pin_kind"] == "branch-or-tag":
        yield f"    version: {_text(facts['pin'])}"
    if re.match(r"\d{4}-(0[1-9]|1[012])-(0[1-9]|[12]\d|3[01])\Z", facts["accessed"]):
        yield f"    date-accessed: {_text(facts['accessed'])}"
    yield from _license(facts)
    notes = [
        f"{label}: {text}"
        for label, text in (
            ("Cited as", "" if is_bibtex(facts["citation"]) else facts["citation"]),
            ("License", "" if _licenses(facts) else facts["license_id"] or facts["license"]),
            ("Pinned by", f"{facts['pin_kind']}:{facts['pin']}"
             if facts["pin_kind"] in ("sha256", "dvc") else ""),
            ("Used for", facts["purpose"]),
        )
        if text
    ]  # fmt: skip
    if notes:
        yield f"    notes: {_text('; '.join(notes))}"


def is_hub_id(facts: DatasetFacts) -> bool:
    """Whether the id is that of a dataset on the Hub: of its form, and loaded or named as one."""
    kinds = {use["kind"] for use in facts["used_in"]}
    return _HUB.match(facts["id"]) is not None and (
        facts["pin_kind"] == "commit" or bool(kinds & _NAMING)
    )


def _license(facts: DatasetFacts) -> Iterator[str]:
    found = _licenses(facts)
    if len(found) == 1:
        yield f"    license: {found[0]}"
    elif found:
        yield "    license:"
        yield from (f"      - {one}" for one in found)


def _licenses(facts: DatasetFacts) -> list[str]:
    """The ids; several are alternatives, as in the format. None where the format has no word."""
    found = facts["license_id"].split(" OR ")
    return found if all(one in _LICENSES for one in found) else []


def _authors(facts: DatasetFacts) -> list[dict[str, str]]:
    """The people that the citation names, else the account on the Hub."""
    people = []
    for family, given in names(_bibtex(facts, "author")):
        person = {"family-names": family, "given-names": given} if given else {"name": family}
        people.append({key: text for key, text in person.items() if text})
    if not people and is_hub_id(facts):
        return [{"alias": facts["id"].partition("/")[0]}]
    return people[:200]


def _bibtex(facts: DatasetFacts, field: str) -> str:
    if not is_bibtex(facts["citation"]):
        return ""
    try:
        found = parse_bibtex(facts["citation"])
    except HostileInput:
        return ""
    return found[0].get(field) if found else ""


def _people(people: list[dict[str, str]], lead: str) -> Iterator[str]:
    if people:
        yield f"{lead}authors:"
    for person in people:
        for number, (key, text) in enumerate(person.items()):
            yield f"{lead}  {'- ' if number == 0 else '  '}{key}: {_text(text)}"


def _text(text: str) -> str:
    return quoted(visible(" ".join(text.split()), 5_000))
