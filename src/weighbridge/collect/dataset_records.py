"""The record of datasets: ``datasets.yaml``, and what CITATION.cff says of datasets.

``datasets.yaml`` is this project's own format, documented in ``docs/how-to/cite-datasets.md``: a
list of mappings, one a dataset. It is read strictly, since a misspelled key would pass for a
missing citation. CITATION.cff (Citation File Format 1.2.0) is read leniently: it has a validator of
its own.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from weighbridge.collect.dataset_ids import card_id
from weighbridge.edge.bibtex import is_bibtex, parse_bibtex
from weighbridge.edge.yaml import KeyPath, MalformedYaml, YamlDocument, load_yaml
from weighbridge.model.errors import BoundExceeded, HostileInput

PinKind = Literal["", "commit", "sha256", "dvc", "branch-or-tag"]

NAMES = ("datasets.yaml", "datasets.yml")
CFF_NAME = "CITATION.cff"
MAX_BYTES = 4 * 2**20
MAX_RECORDS = 5_000
MAX_TEXT = 20_000  # characters of one field
KEYS = (
    "id", "license", "license_file", "revision", "sha256", "dvc", "citation", "doi", "url",
    "accessed", "purpose",
)  # fmt: skip

_COMMIT = re.compile(r"[0-9a-f]{40}\Z|[0-9a-f]{64}\Z", re.I)
_SHA256 = re.compile(r"[0-9a-f]{64}\Z", re.I)
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.[0-9]{4,9}/\S{1,300})\Z", re.I)
_DVC_HASH = re.compile(r"[0-9a-f]{32}(?:\.dir)?\Z")
# An address of a dataset on the Hub in any spelling: a mirror, git over ssh, no scheme at all.
_HUB_DATASET = re.compile(
    r"\s*(?:hf://|(?:[a-z+]{1,20}://|[\w.-]{1,60}@)?(?:www\.)?"
    r"(?:huggingface\.co|hf\.co|hf-mirror\.com)[/:]+)datasets/"
    r"([^/?#@\s]+(?:/(?!(?:tree|blob|resolve|raw|viewer|discussions)\b)[^/?#@\s]+)?)",
    re.I,
)
_CFF_TYPES = frozenset({"dataset", "data", "database"})


@dataclass(frozen=True, slots=True)
class Record:
    """What a file records of one dataset.

    ``dvc`` is the path of a ``.dvc`` file yet to be read, ``license_file`` that of the license's
    text; both count from the folder of the record.
    """

    id: str
    path: str
    line: int
    license: str = ""
    citation: str = ""
    doi: str = ""
    url: str = ""
    accessed: str = ""
    purpose: str = ""
    pin: str = ""
    pin_kind: PinKind = ""
    dvc: str = ""
    license_file: str = ""


def parse_datasets_yaml(text: str, *, source: str) -> tuple[Record, ...]:
    """Read ``datasets.yaml``.

    Raises:
        MalformedYaml: it is not YAML, or not of the documented shape; with the line.
        BoundExceeded: it is too large, or has too many entries.
    """
    document = load_yaml(text, source=source, max_bytes=MAX_BYTES)
    if document.value is None:
        return ()
    if not isinstance(document.value, list):
        raise MalformedYaml(source, document.line(()), "it must be a list with one entry a dataset")
    if len(document.value) > MAX_RECORDS:
        raise BoundExceeded(source, MAX_RECORDS, "entries")
    reader = _Entries(document, source)
    records: dict[str, Record] = {}
    for number, entry in enumerate(document.value):
        record = reader.record(entry, number)
        if record.id in records:
            earlier = records[record.id].line
            problem = f"the dataset '{record.id}' is recorded twice, first in line {earlier}"
            raise MalformedYaml(source, record.line, problem)
        records[record.id] = record
    return tuple(records.values())


class _Entries:
    """Reads entries strictly, naming the line of whatever is wrong."""

    def __init__(self, document: YamlDocument, source: str) -> None:
        self.document = document
        self.source = source

    def record(self, entry: object, number: int) -> Record:
        if not isinstance(entry, dict):
            raise self.wrong((number,), "an entry must be keys and values, 'id:' first")
        for key in entry:
            if key not in KEYS:
                close = difflib.get_close_matches(key, KEYS, n=1)
                hint = f" (perhaps '{close[0]}' is meant)" if close else ""
                raise self.wrong((number, key), f"there is no key '{key[:80]}'{hint}")
        texts = {key: self.text(entry.get(key), (number, key)) for key in KEYS}
        if not texts["id"]:
            raise self.wrong((number,), "an entry needs an 'id'")
        pin, pin_kind = self.pin(texts, number)
        self.check_citation(texts["citation"], number)
        return Record(
            id=card_id(texts["id"]),
            path=self.source,
            line=self.document.line((number,)),
            license=texts["license"],
            citation=texts["citation"],
            doi=self.doi(texts["doi"], number),
            url=texts["url"],
            accessed=self.date(texts["accessed"], number),
            purpose=texts["purpose"],
            pin=pin,
            pin_kind=pin_kind,
            dvc=texts["dvc"] if pin_kind in ("", "branch-or-tag") else "",
            license_file=texts["license_file"],
        )

    def text(self, value: object, path: KeyPath) -> str:
        if value is None:
            return ""
        if isinstance(value, dt.date):
            return value.isoformat()
        if not isinstance(value, str):
            raise self.wrong(path, f"'{path[-1]}' must be text; write it in quotes")
        if len(value) > MAX_TEXT:
            raise BoundExceeded(f"{self.source}: '{path[-1]}'", MAX_TEXT, "characters")
        return value.strip()

    def pin(self, texts: dict[str, str], number: int) -> tuple[str, PinKind]:
        """The strongest pin given: a commit, else the hash of the data, else what is no pin."""
        if texts["sha256"] and not _SHA256.match(texts["sha256"]):
            raise self.wrong((number, "sha256"), "'sha256' must be 64 hexadecimal digits")
        if texts["revision"] and _COMMIT.match(texts["revision"]):
            return texts["revision"].lower(), "commit"
        if texts["sha256"]:
            return texts["sha256"].lower(), "sha256"
        return texts["revision"], "branch-or-tag" if texts["revision"] else ""

    def doi(self, text: str, number: int) -> str:
        match = _DOI.match(text)
        if text and match is None:
            raise self.wrong((number, "doi"), "'doi' must look like 10.1234/abcd")
        return match.group(1) if match else ""

    def check_citation(self, text: str, number: int) -> None:
        """BibTeX must hold together: what is cut off cites something else, or nothing."""
        if not is_bibtex(text):
            return
        try:
            found = parse_bibtex(text)
        except HostileInput as error:
            raise self.wrong((number, "citation"), error.message) from error
        if not found:
            raise self.wrong((number, "citation"), "the BibTeX in 'citation' holds no entry")

    def date(self, text: str, number: int) -> str:
        try:
            return dt.date.fromisoformat(text).isoformat() if text else ""
        except ValueError:
            raise self.wrong(
                (number, "accessed"), "'accessed' must be a date, 2026-11-20"
            ) from None

    def wrong(self, path: KeyPath, problem: str) -> MalformedYaml:
        return MalformedYaml(self.source, self.document.line(path), problem)


def parse_citation_cff(text: str, *, source: str) -> tuple[Record, ...]:
    """The datasets that a CITATION.cff describes: itself, if it is one, and its references.

    Raises:
        MalformedYaml: it is not YAML, or no mapping.
        BoundExceeded: it is too large, or has too many references.
    """
    document = load_yaml(text, source=source, max_bytes=MAX_BYTES)
    body = document.value
    if not isinstance(body, dict):
        raise MalformedYaml(source, document.line(()), "it must be keys and values")
    references = body.get("references")
    references = references if isinstance(references, list) else []
    if len(references) > MAX_RECORDS:
        raise BoundExceeded(f"the references of {source}", MAX_RECORDS, "entries")
    found: list[Record] = []
    by_title: dict[str, list[Record]] = {}
    entries: list[tuple[KeyPath, object]] = [((), body)]
    entries += [(("references", i), reference) for i, reference in enumerate(references)]
    for path, entry in entries:
        if isinstance(entry, dict) and entry.get("type") in _CFF_TYPES:
            for record in _cff_record(entry, source, document.line(path)):
                if record.id == _word(entry, "title"):
                    by_title.setdefault(record.id, []).append(record)
                else:
                    found.append(record)
    for same in by_title.values():
        # Works of one title that say different things of where they are: none of them is known to
        # be the dataset that somebody else calls by that title.
        if len({record.doi for record in same if record.doi}) < 2:
            found += same
    return tuple(sorted(found, key=lambda record: record.line))


def _cff_record(entry: dict[str, Any], source: str, line: int) -> Iterator[Record]:
    """One record under each name that the entry goes by: a hub address, else its title.

    A title alone names many works. It counts only where no address says which dataset of the Hub
    is meant, in whatever spelling.
    """
    links = [_word(entry, key) for key in ("repository", "url", "repository-code")]
    doi = _DOI.match(_word(entry, "doi"))
    for identifier in _mappings(entry.get("identifiers")):
        value = _word(identifier, "value")
        if identifier.get("type") == "doi":
            doi = doi or _DOI.match(value)
        else:
            links.append(value)
    title = _word(entry, "title")
    hub = [i for link in links if link and (i := hub_dataset(link))]
    names = hub or ([title] if title else [])
    commit = _word(entry, "commit")
    pinned = bool(_COMMIT.match(commit))
    movable = "branch-or-tag" if commit or _word(entry, "version") else ""
    for name in dict.fromkeys(names):
        yield Record(
            id=name,
            path=source,
            line=line,
            license=_licenses(entry.get("license")),
            citation=_citation(entry, title),
            doi=doi.group(1) if doi else "",
            url=next((link for link in links if link), ""),
            accessed=_word(entry, "date-accessed"),
            pin=commit.lower() if pinned else commit or _word(entry, "version"),
            pin_kind="commit" if pinned else "branch-or-tag" if movable else "",
        )


def hub_dataset(address: str) -> str:
    """The id in an address of a dataset on the Hub; empty where it is none."""
    match = _HUB_DATASET.match(address)
    return match.group(1).removesuffix(".git") if match else ""


def _word(table: dict[str, Any], key: str) -> str:
    value = table.get(key)
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.strip()[:MAX_TEXT] if isinstance(value, str) else ""


def _mappings(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _licenses(value: object) -> str:
    """CFF 1.2.0: several licenses are alternatives."""
    if isinstance(value, list):
        return " OR ".join(item.strip() for item in value if isinstance(item, str))[:MAX_TEXT]
    return value.strip()[:MAX_TEXT] if isinstance(value, str) else ""


def _citation(entry: dict[str, Any], title: str) -> str:
    """Authors, year and title on one line; empty without an author: a title is no citation."""
    people = [
        _word(a, "name")
        or " ".join(filter(None, (_word(a, "given-names"), _word(a, "family-names"))))
        for a in _mappings(entry.get("authors"))[:50]
    ]
    names = ", ".join(filter(None, people))
    if not names or not title:
        return ""
    year = str(entry.get("year") or _word(entry, "date-released")[:4] or "n.d.")
    return f"{names} ({year[:10]}). {title}."


def dvc_hash(text: str, *, source: str) -> str:
    """The hash in a ``.dvc`` file with a single output.

    Raises:
        HostileInput: it is not YAML, or does not have one output with a hash.
    """
    document = load_yaml(text, source=source, max_bytes=2**20)
    outs = document.value.get("outs") if isinstance(document.value, dict) else None
    found = [str(o.get("md5", "")) for o in _mappings(outs)]
    if len(found) != 1 or not _DVC_HASH.match(found[0]):
        raise HostileInput(f"{source} does not hold one output with its hash")
    return found[0]


def pinned_by_dvc(record: Record, value: str) -> Record:
    """The record with the hash that its ``.dvc`` file gives."""
    return replace(record, pin=value, pin_kind="dvc", dvc="")
