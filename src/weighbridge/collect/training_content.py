"""``training-content.yaml``: what its maker records of a model's training content.

This project's own format, documented in ``docs/how-to/training-content.md``. It is read strictly,
as ``datasets.yaml`` is: a misspelled key must not pass for an empty field.
"""

from __future__ import annotations

import codecs
import datetime as dt
import difflib
import re
from collections.abc import Iterable
from typing import Any

from weighbridge.collect.context import CollectContext
from weighbridge.collect.dataset_ids import card_id
from weighbridge.edge.yaml import KeyPath, MalformedYaml, YamlDocument, load_yaml
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.training_content import (
    GivenFacts,
    TrainingContentFacts,
    TrainingDatasetFacts,
)
from weighbridge.model.training_content import DATASET_KEYS, SECTIONS, SOURCES
from weighbridge.model.training_content import NAME as FILE

NAME = "training-content"
KINDS: tuple[EvidenceKind, ...] = (EvidenceKind.TRAINING_CONTENT,)
_COLLECTOR = f"{NAME}@1"

MAX_BYTES = 4 * 2**20
MAX_DATASETS = 5_000
MAX_TEXT = 20_000  # characters of one value
MAX_VALUES = 1_000  # of one list
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])\Z")
_YES = {"yes": "yes", "no": "no", "true": "yes", "false": "no"}


def collect(ctx: CollectContext) -> tuple[Evidence, ...]:
    """The file at the top of the subject."""
    snapshot = ctx.snapshot
    artifact = snapshot.find(FILE)
    problem = next((p for p in snapshot.problems if p.path == FILE), None)
    if artifact is None:
        if problem is not None:
            return (_other(EvidenceState.UNAVAILABLE, problem.detail),)
        return (_other(EvidenceState.ABSENT, f"there is no {FILE} at the top of the subject"),)
    try:
        data = snapshot.read(artifact, MAX_BYTES).removeprefix(codecs.BOM_UTF8)
        facts = parse(data.decode("utf-8"), source=FILE)
    except UnicodeDecodeError as error:
        return (_other(EvidenceState.UNAVAILABLE, f"it is not UTF-8 text (byte {error.start})"),)
    except MalformedYaml as error:
        reason = error.message.removeprefix(f"{FILE}:").removeprefix(str(error.line)).lstrip(": ")
        return (_other(EvidenceState.UNAVAILABLE, f"line {error.line}: {reason}"),)
    except HostileInput as error:
        return (_other(EvidenceState.UNAVAILABLE, error.message),)
    except OSError as error:
        return (_other(EvidenceState.UNAVAILABLE, f"it cannot be read: {error.strerror}"),)
    state = EvidenceState.OBSERVED
    kind = EvidenceKind.TRAINING_CONTENT
    return (Evidence(kind, FILE, state, f"file:{FILE}", _COLLECTOR, data={**facts}),)


def _other(state: EvidenceState, reason: str) -> Evidence:
    about, source = (
        (FILE, f"file:{FILE}") if state is EvidenceState.UNAVAILABLE else ("", "snapshot")
    )
    return Evidence(EvidenceKind.TRAINING_CONTENT, about, state, source, _COLLECTOR, reason)


def parse(text: str, *, source: str) -> TrainingContentFacts:
    """Read the file.

    Raises:
        MalformedYaml: it is not YAML, or not of the documented shape; with the line.
        BoundExceeded: it is too large, or holds too much.
    """
    document = load_yaml(text, source=source, max_bytes=MAX_BYTES)
    body = {} if document.value is None else document.value
    reader = _Reader(document, source)
    if not isinstance(body, dict):
        raise reader.wrong((), "it must be keys and values, 'provider:' first")
    reader.known(body, (*SECTIONS, "datasets"), ())
    given: dict[str, GivenFacts] = {}
    for section, keys in SECTIONS.items():
        found = reader.section(body.get(section), keys, (section,))
        given.update({f"{section}.{key}": value for key, value in found.items()})
    return {"path": source, "given": given, "datasets": reader.datasets(body.get("datasets"))}


class _Reader:
    """Takes values by their documented kind, naming the line of whatever is wrong."""

    def __init__(self, document: YamlDocument, source: str) -> None:
        self.document = document
        self.source = source

    def section(self, value: object, keys: dict[str, str], path: KeyPath) -> dict[str, GivenFacts]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.wrong(path, f"'{path[-1]}' must hold keys and values")
        self.known(value, keys, path)
        found: dict[str, GivenFacts] = {}
        for key, kind in keys.items():
            texts = self.texts(value.get(key), kind, (*path, key))
            if texts:
                found[key] = {"values": texts, "line": self.document.line((*path, key))}
        return found

    def datasets(self, value: object) -> list[TrainingDatasetFacts]:
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.wrong(("datasets",), "'datasets' must be a list, one entry a dataset")
        if len(value) > MAX_DATASETS:
            raise BoundExceeded(f"the datasets of {self.source}", MAX_DATASETS, "entries")
        found: dict[str, TrainingDatasetFacts] = {}
        for number, entry in enumerate(value):
            path = ("datasets", number)
            if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
                raise self.wrong(path, "an entry needs an 'id', the one of datasets.yaml")
            name = card_id(entry["id"])
            if not name or name in found:
                what = "is empty" if not name else "stands twice"
                raise self.wrong(path, f"the id {name!r} {what}")
            rest = {key: one for key, one in entry.items() if key != "id"}
            found[name] = {
                "id": name,
                "line": self.document.line(path),
                "given": self.section(rest, DATASET_KEYS, path),
            }
        return list(found.values())

    def texts(self, value: Any, kind: str, path: KeyPath) -> list[str]:
        """A value as texts, none where it is empty."""
        if kind == "texts":
            items = value if isinstance(value, list) else [value]
            if len(items) > MAX_VALUES:
                raise BoundExceeded(f"{self.source}: '{path[-1]}'", MAX_VALUES, "values")
            return [text for item in items if (text := self.text(item, path))]
        text = self.text(value, path, yes=kind == "yes")
        if not text:
            return []
        if kind == "yes" and text not in ("yes", "no"):
            raise self.wrong(path, f"'{path[-1]}' must be yes or no")
        if kind == "source" and text not in SOURCES:
            raise self.wrong(path, f"'{path[-1]}' must be one of {', '.join(SOURCES)}")
        if kind in ("date", "month") and not _is_date(text, month=kind == "month"):
            form = "a month, 2026-11, or a date" if kind == "month" else "a date, 2026-11-20"
            raise self.wrong(path, f"'{path[-1]}' must be {form}")
        return [text]

    def text(self, value: Any, path: KeyPath, *, yes: bool = False) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            if yes:
                return "yes" if value else "no"
            raise self.wrong(path, f"'{path[-1]}' is read as yes or no; write it in quotes")
        if isinstance(value, dt.date):
            return value.isoformat()
        if isinstance(value, int):
            return str(value)
        if not isinstance(value, str):
            raise self.wrong(path, f"'{path[-1]}' must be text; write it in quotes")
        if len(value) > MAX_TEXT:
            raise BoundExceeded(f"{self.source}: '{path[-1]}'", MAX_TEXT, "characters")
        text = value.strip()
        return _YES.get(text.lower(), text) if yes else text

    def known(self, table: dict[str, Any], keys: Iterable[str], path: KeyPath) -> None:
        names = tuple(keys)
        for key in table:
            if key not in names:
                close = difflib.get_close_matches(key[:80], names, n=1)
                hint = f" (perhaps '{close[0]}' is meant)" if close else ""
                raise self.wrong((*path, key), f"there is no key '{key[:80]}' here{hint}")

    def wrong(self, path: KeyPath, problem: str) -> MalformedYaml:
        return MalformedYaml(self.source, self.document.line(path), problem)


def _is_date(text: str, *, month: bool) -> bool:
    if month and _MONTH.match(text):
        return True
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
