"""What can be added to ``datasets.yaml`` without asking anybody.

A dataset that has no entry gets one; an entry gets the keys whose value the subject itself gives:
the revision that all code asks for, the ``.dvc`` file that keeps the data's hash, what CITATION.cff
and Croissant say. Nothing else is written: keys that nobody gave a value stand as comments, for a
person to fill. Whatever people wrote stays byte for byte (:mod:`weighbridge.edge.yaml_insert`).

Hashes that a file of the subject keeps (Git LFS, ``dvc.lock``, Quilt, Croissant) are not copied: a
copy would say the old hash when the data change. A ``.dvc`` file is named, which stays true.
"""

from __future__ import annotations

import codecs
import datetime as dt
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from weighbridge.collect.dataset_ids import card_id
from weighbridge.collect.dataset_records import (
    KEYS,
    MAX_BYTES,
    MAX_RECORDS,
    NAMES,
    dvc_hash,
    hub_dataset,
    parse_datasets_yaml,
)
from weighbridge.edge.bibtex import is_bibtex, parse_bibtex
from weighbridge.edge.yaml import load_yaml
from weighbridge.edge.yaml_insert import Insertion, NotInserted, insert
from weighbridge.edge.yaml_text import comment, quoted, scalar
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.facts.dataset import DatasetFacts
from weighbridge.snapshot.snapshot import Snapshot

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_PINS = ("revision", "sha256", "dvc")
_HEAD = """\
# What is recorded of each dataset that is used here, one entry a dataset.
# Lines that begin with '#' wait for a person: write the value, and remove the '#'.
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """What one file becomes. ``before`` is None where there is none yet.

    ``entries``: the ids that got an entry. ``keys``: the keys that got a value in an entry that was
    there. ``left``: sentences, each on something that could not be written.
    """

    path: str
    before: bytes | None
    after: bytes
    entries: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]
    left: tuple[str, ...] = ()


def drafts(snapshot: Snapshot, evidence: Iterable[Evidence]) -> tuple[Draft, ...]:
    """The files to write, by path; none where everything that is known is written already.

    Args:
        snapshot: what the evidence was collected from.
        evidence: that on datasets, none of it on a record that could not be read.

    Raises:
        HostileInput: a record is not as it was collected, or would become too large to be read.
    """
    observed = [e for e in evidence if e.state is EvidenceState.OBSERVED]
    datasets = [cast(DatasetFacts, e.data) for e in observed]
    paths = {artifact.path for artifact in snapshot.artifacts}
    files: dict[str, _File] = {}
    for facts in datasets:
        recorded = facts["recorded_in"]
        own = recorded if posixpath.basename(recorded) in NAMES else ""
        path = own or _home(facts, paths)
        if path not in files:
            files[path] = _File(snapshot, path)
        file = files[path]
        if own:
            file.extend(facts)
        else:
            file.add(facts)
    drafted = (file.draft() for _, file in sorted(files.items()))
    return tuple(draft for draft in drafted if draft is not None)


def _home(facts: DatasetFacts, paths: set[str]) -> str:
    """Where a new entry belongs: the nearest record above all that use it, else the top."""
    folders = [posixpath.dirname(use["path"]) for use in facts["used_in"]]
    common = posixpath.commonpath(folders) if folders and all(folders) else ""
    while True:
        for name in NAMES:
            if (path := posixpath.join(common, name)) in paths:
                return path
        if not common:
            return NAMES[0]
        common = posixpath.dirname(common)


class _File:
    """One ``datasets.yaml``, and what is to be put into it."""

    def __init__(self, snapshot: Snapshot, path: str) -> None:
        self.snapshot = snapshot
        self.path = path
        artifact = snapshot.find(path)
        self.before = snapshot.read(artifact, MAX_BYTES) if artifact else None
        data = (self.before or b"").removeprefix(codecs.BOM_UTF8)
        self.text = data.decode("utf-8")
        self.mark = codecs.BOM_UTF8 if len(data) < len(self.before or b"") else b""
        value = load_yaml(self.text, source=path, max_bytes=MAX_BYTES).value
        rows = value if isinstance(value, list) else []
        self.rows = {card_id(str(row.get("id", ""))): i for i, row in enumerate(rows)}
        self.given = [set(row) for row in rows]  # a key without a value is there, too
        self.insertions: list[Insertion] = []
        self.entries: list[str] = []
        self.keys: list[tuple[str, str]] = []
        self.left: list[str] = []

    def extend(self, facts: DatasetFacts) -> None:
        """Add the keys that an entry lacks and the subject gives."""
        row = self.rows.get(facts["id"])
        if row is None:
            raise HostileInput(f"{self.path} changed while it was read")
        given = self.given[row]
        for key, value in self.known(facts):
            if key in given or (key in _PINS and given & set(_PINS)):
                continue
            try:
                line = _line(key, value)
            except HostileInput:
                self.left.append(f"'{key}' of '{facts['id']}' cannot be written as YAML")
                continue
            self.insertions.append(Insertion((line,), entry=row, key=key))
            self.keys.append((facts["id"], key))

    def add(self, facts: DatasetFacts) -> None:
        """Add an entry, its unknown keys as comments."""
        if len(self.rows) + len(self.entries) >= MAX_RECORDS:
            self.left.append(f"'{facts['id']}' has no room: a record holds {MAX_RECORDS} datasets")
            return
        known = dict(self.known(facts))
        try:
            lines = [f"id: {scalar(facts['id'])}", *_places(facts)]
            lines += [_line(key, known[key]) for key in KEYS if key in known]
        except HostileInput:
            self.left.append(f"the id of '{facts['id']}' cannot be written as YAML")
            return
        lines += list(_open(facts, known))
        self.insertions.append(Insertion(tuple(lines)))
        self.entries.append(facts["id"])

    def known(self, facts: DatasetFacts) -> Iterator[tuple[str, str]]:
        """Keys with the value that the subject's own files give."""
        for key in ("license", "citation", "doi", "accessed"):
            value = str(facts.get(key, ""))
            if value and _fits(key, value):
                yield key, value
        if facts["url"] and facts["url"] != facts["id"] and not hub_dataset(facts["url"]):
            yield "url", facts["url"]
        asked = [use["revision"].lower() for use in facts["used_in"] if _asks(use["kind"])]
        if facts["pin_kind"] == "commit":
            yield "revision", facts["pin"]
        elif asked and len(set(asked)) == 1 and _COMMIT.match(asked[0]):
            yield "revision", asked[0]
        elif path := self.dvc(facts):
            yield "dvc", path

    def dvc(self, facts: DatasetFacts) -> str:
        """The ``.dvc`` file with the data's hash, as a path that the record can name."""
        folder = posixpath.dirname(self.path)
        for use in facts["used_in"]:
            path = use["path"]
            inside = not folder or path.startswith(f"{folder}/")
            artifact = self.snapshot.find(path) if path.endswith(".dvc") and inside else None
            if artifact is None:
                continue
            try:
                dvc_hash(self.snapshot.read(artifact, 2**20).decode("utf-8"), source=path)
            except (HostileInput, UnicodeDecodeError):
                continue  # several outputs, or none with a hash: the key takes no such file
            return posixpath.relpath(path, folder) if folder else path
        return ""

    def draft(self) -> Draft | None:
        """The file with all of it, read back to be sure."""
        if not self.insertions and not self.left:
            return None
        text = self.text
        if self.insertions:
            text = self.inserted()
        after = self.mark + text.encode("utf-8")
        records = parse_datasets_yaml(text, source=self.path)
        missing = set(self.entries) - {record.id for record in records}
        if missing:
            raise HostileInput(f"the id {min(missing)!r} does not survive being written as YAML")
        return Draft(
            self.path,
            self.before,
            after,
            tuple(self.entries),
            tuple(self.keys),
            tuple(self.left),
        )

    def inserted(self) -> str:
        """The text with all of it; without keys where these, or nothing where not even entries can
        be put in."""
        head = "" if self.before else _HEAD
        try:
            return insert(self.text, self.insertions, head=head, source=self.path)
        except NotInserted as error:
            self.left.append(error.message)
        self.keys = []
        entries = [one for one in self.insertions if one.entry < 0]
        try:
            return insert(self.text, entries, head=head, source=self.path)
        except NotInserted as error:
            if error.message not in self.left:
                self.left.append(error.message)
        self.entries = []
        return self.text


def _asks(kind: str) -> bool:
    """Whether a place of that kind loads data, and so may ask for a revision."""
    return kind in ("code", "config", "model-index")


def _fits(key: str, value: str) -> bool:
    """Whether the record takes a value that another file gives: those are read less strictly."""
    if key == "accessed":
        return re.match(r"\d{4}-\d\d-\d\d\Z", value) is not None and _is_date(value)
    if key == "citation" and is_bibtex(value):
        try:
            return bool(parse_bibtex(value))
        except HostileInput:
            return False
    return True


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _line(key: str, value: str) -> str:
    return f"{key}: {quoted(value) if key in ('revision', 'sha256', 'accessed') else scalar(value)}"


def _places(facts: DatasetFacts) -> Iterator[str]:
    """A comment with the first places that name the dataset."""
    shown = [
        f"{use['path']}{' ' + use['member'] if use['member'] else ''}"
        f"{':' + str(use['line']) if use['line'] else ''}"
        for use in facts["used_in"][:2]
    ]
    more = len(facts["used_in"]) - len(shown)
    if shown:
        yield "# named in " + comment(", ".join(shown) + (f" and {more} more" if more else ""))


def _open(facts: DatasetFacts, known: dict[str, str]) -> Iterator[str]:
    """The keys that wait for a person, as comments."""
    if "license" not in known:
        yield "# license:"
    if not known.keys() & set(_PINS):
        if facts["pin_kind"] in ("sha256", "dvc"):
            yield "# pinned by the hash that the files above keep"
        else:
            yield "# revision:"
    if not known.keys() & {"doi", "citation"}:
        yield "# doi:"
        yield "# citation:"
    for key in ("accessed", "purpose"):
        if key not in known:
            yield f"# {key}:"
