"""Reads one file of the clause knowledge base and refuses what it may not say.

The files are our own, so a defect is ours: everything raises ValueError, which names the file and
the key. The shape is that of ``model/licensing/terms.py``, a mapping for each clause.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from weighbridge.edge.yaml import load_yaml
from weighbridge.licensing.hub_ids import HUB_IDS
from weighbridge.model.errors import HostileInput
from weighbridge.model.licensing.terms import (
    Answer,
    Basis,
    Clause,
    Life,
    Mode,
    Obligation,
    Permission,
    Restriction,
    Scope,
    Terms,
    Text,
)
from weighbridge.model.licensing.use import Activity

KINDS = ("model", "software", "data", "content")
READ = ("text", "known", "secondary")
NOTE = 300  # characters; a longer one is more than a note

_PARTS: dict[str, type[enum.StrEnum]] = {
    "permits": Permission,
    "obliges": Obligation,
    "restricts": Restriction,
    "propagates": Scope,
    "life": Life,
}
_LISTS = ("also", "hub", "names")
_TERMS_KEYS = {"id", "name", "kind", "read", "reviewed", "family", "version", *_LISTS, "texts"}
_TEXT_KEYS = {"key", "sha256", "source"}
_CLAUSE_KEYS = {"word", "where", "basis", "text", "value", "uses", "models", "note"}
_CAPS = (Restriction.USERS_CAP, Restriction.REVENUE_CAP)
_NEEDS_VALUE = (
    Obligation.BADGE, Obligation.NAME_PREFIX, Obligation.NOTICE_SENTENCE,
    Restriction.TERRITORY, *_CAPS,
)  # fmt: skip
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
_TERRITORY = re.compile(r"[A-Z]{2}(?: [A-Z]{2})*")  # ISO 3166-1 alpha-2, and EU
_KEY = re.compile(r"[a-z][a-z0-9-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")

_Word = TypeVar("_Word", bound=enum.StrEnum)


def file_name(license_id: str) -> str:
    """The file that holds a license: its id without what all LicenseRefs begin with."""
    return license_id.removeprefix("LicenseRef-").removeprefix("scancode-").lower() + ".yaml"


def parse_terms(text: str, *, source: str) -> Terms:
    """The license that a file describes.

    Args:
        text: the YAML.
        source: what messages call the file.

    Raises:
        ValueError: it does not say what such a file must say, or more.
    """
    try:
        document = load_yaml(text, source=source)
    except HostileInput as error:
        raise ValueError(str(error)) from error
    return _Reader(source).terms(document.value)


class _Reader:
    """Turns plain values into :class:`Terms`; ``at`` is the key that a message names."""

    def __init__(self, source: str) -> None:
        self.source = source

    def wrong(self, at: str, problem: str) -> ValueError:
        return ValueError(f"{self.source}: {at}: {problem}")

    def terms(self, value: object) -> Terms:
        body = self.mapping(value, "the file", _TERMS_KEYS | set(_PARTS))
        license_id = self.text(body, "id", required=True)
        if not _ID.fullmatch(license_id):
            raise self.wrong("id", f"{license_id!r} is neither an SPDX id nor a LicenseRef")
        reviewed = body.get("reviewed", False)
        if not isinstance(reviewed, bool):
            raise self.wrong("reviewed", "it must be true or false")
        lists = {key: self.strings(body, key) for key in _LISTS}
        self.ids(license_id, lists)
        texts = tuple(
            self.document(item, f"texts[{n}]") for n, item in enumerate(self.items(body, "texts"))
        )
        keys = [document.key for document in texts]
        if len(set(keys)) < len(keys):
            raise self.wrong("texts", "two documents have one key")
        if "license" not in keys:
            raise self.wrong("texts", "the document with the key license is missing")
        return Terms(
            id=license_id,
            name=self.text(body, "name", required=True),
            kind=self.one_of(body, "kind", KINDS),
            read=self.one_of(body, "read", READ),
            reviewed=reviewed,
            family=self.text(body, "family"),
            version=self.text(body, "version"),
            texts=texts,
            also=lists["also"],
            hub=lists["hub"],
            names=lists["names"],
            permits=self.clauses(body, "permits", keys),
            obliges=self.clauses(body, "obliges", keys),
            restricts=self.clauses(body, "restricts", keys),
            propagates=self.clauses(body, "propagates", keys),
            life=self.clauses(body, "life", keys),
        )

    def ids(self, license_id: str, lists: Mapping[str, tuple[str, ...]]) -> None:
        for other in lists["also"]:
            if not _ID.fullmatch(other) or other == license_id:
                raise self.wrong("also", f"{other!r} is not another id")
        for hub in lists["hub"]:
            if hub not in HUB_IDS:
                raise self.wrong("hub", f"the Hub has no license id {hub!r}")
            if not {license_id, *lists["also"]} & set(HUB_IDS[hub].ids):
                raise self.wrong("hub", f"{hub!r} stands for {HUB_IDS[hub].ids} in hub_ids.py")

    def document(self, value: object, at: str) -> Text:
        body = self.mapping(value, at, _TEXT_KEYS)
        digest = self.text(body, "sha256", at)
        if digest and not _SHA256.fullmatch(digest):
            raise self.wrong(f"{at}.sha256", "it is no SHA-256 in lower case hexadecimal")
        source = self.text(body, "source", at)
        if source and not source.startswith("https://"):
            raise self.wrong(f"{at}.source", "it must be an https address")
        return Text(self.key(self.text(body, "key", at, required=True), at), digest, source)

    def clauses(self, body: Mapping[str, Any], part: str, keys: list[str]) -> tuple[Clause, ...]:
        found = [
            self.clause(item, f"{part}[{n}]", part, keys)
            for n, item in enumerate(self.items(body, part))
        ]
        if part in ("permits", "propagates"):
            words = [(clause.word, clause.models, clause.text) for clause in found]
            twice = sorted({entry[0] for entry in words if words.count(entry) > 1})
            if twice:
                raise self.wrong(part, f"{', '.join(twice)} stands there twice")
        return tuple(found)

    def clause(self, value: object, at: str, part: str, keys: list[str]) -> Clause:
        extra = {"permits": {"answer"}, "propagates": {"mode"}}.get(part, set())
        body = self.mapping(value, at, _CLAUSE_KEYS | extra)
        clause = Clause(
            word=self.word(body, "word", at, _PARTS[part]),
            where=self.text(body, "where", at),
            basis=self.word(body, "basis", at, Basis),
            text=self.text(body, "text", at) or "license",
            answer=self.answer(body, at) if part == "permits" else None,
            mode=self.word(body, "mode", at, Mode) if part == "propagates" else None,
            value=self.text(body, "value", at),
            uses=tuple(self.known(u, f"{at}.uses", Activity) for u in self.strings(body, "uses")),
            models=tuple(self.key(m, f"{at}.models") for m in self.strings(body, "models")),
            note=self.text(body, "note", at),
        )
        self.sound(clause, at, keys)
        return clause

    def sound(self, clause: Clause, at: str, keys: list[str]) -> None:
        """What a clause's parts demand of one another."""
        if clause.text not in keys:
            raise self.wrong(f"{at}.text", f"texts has no document {clause.text!r}")
        if clause.basis is Basis.TEXT and not clause.where and clause.mode is not Mode.NONE:
            raise self.wrong(f"{at}.where", "what rests on the text must say where it stands")
        if clause.answer is Answer.CONDITIONAL and not clause.note:
            raise self.wrong(f"{at}.note", "a conditional answer must say on what")
        if len(clause.note) > NOTE:
            raise self.wrong(f"{at}.note", f"it is longer than {NOTE} characters")
        if clause.word in _NEEDS_VALUE and not clause.value:
            raise self.wrong(f"{at}.value", f"{clause.word} needs one")
        if clause.word in _CAPS and not re.fullmatch(r"[1-9][0-9]*", clause.value):
            raise self.wrong(f"{at}.value", "a cap is a whole number, digits only")
        if clause.word == Restriction.TERRITORY and not _TERRITORY.fullmatch(clause.value):
            raise self.wrong(f"{at}.value", "territories are two-letter codes: EU GB KR")

    def answer(self, body: Mapping[str, Any], at: str) -> Answer:
        """The answer; YAML reads a bare ``yes`` and ``no`` as true and false."""
        value = body.get("answer")
        if isinstance(value, bool):
            return Answer.YES if value else Answer.NO
        return self.known(value, f"{at}.answer", Answer)

    def word(self, body: Mapping[str, Any], key: str, at: str, vocabulary: type[_Word]) -> _Word:
        return self.known(body.get(key), f"{at}.{key}", vocabulary)

    def known(self, value: object, at: str, vocabulary: type[_Word]) -> _Word:
        words = [member.value for member in vocabulary]
        if value is None:
            raise self.wrong(at, f"it is missing; one of {', '.join(words)}")
        if not isinstance(value, str) or value not in words:
            raise self.wrong(at, f"{value!r} is none of {', '.join(words)}")
        return vocabulary(value)

    def one_of(self, body: Mapping[str, Any], key: str, words: tuple[str, ...]) -> str:
        value = self.text(body, key, required=True)
        if value not in words:
            raise self.wrong(key, f"{value!r} is none of {', '.join(words)}")
        return value

    def key(self, value: str, at: str) -> str:
        if not _KEY.fullmatch(value):
            raise self.wrong(at, f"{value!r} is not a word in lower case")
        return value

    def mapping(self, value: object, at: str, keys: set[str]) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.wrong(at, "it must be a mapping")
        odd = sorted(set(value) - keys)
        if odd:
            raise self.wrong(at, f"unknown key {', '.join(odd)}")
        return value

    def items(self, body: Mapping[str, Any], key: str) -> list[Any]:
        value = body.get(key, [])
        if not isinstance(value, list):
            raise self.wrong(key, "it must be a list")
        return value

    def strings(self, body: Mapping[str, Any], key: str) -> tuple[str, ...]:
        items = self.items(body, key)
        if not all(isinstance(item, str) and item == item.strip() != "" for item in items):
            raise self.wrong(key, "it must be a list of texts; put numbers in quotes")
        if len(set(items)) < len(items):
            raise self.wrong(key, "one of them stands there twice")
        return tuple(items)

    def text(
        self, body: Mapping[str, Any], key: str, at: str = "", *, required: bool = False
    ) -> str:
        place = f"{at}.{key}" if at else key
        value = body.get(key, "")
        if not isinstance(value, str):
            raise self.wrong(place, f"{value!r} must be a text; put it in quotes")
        if required and not value.strip():
            raise self.wrong(place, "it is missing")
        return value
