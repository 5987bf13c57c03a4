"""A local OSV database, for audits that may not ask a service.

Of tens of thousands of records only those are parsed that hold the name of a package in question:
names are found in the bytes, so one pass keeps little in memory. What cannot be searched in this
way (a letter written as an escape) is parsed.

A database grows stale by the day. One whose newest record is older than it may be still shows what
it knows of; that it knows of nothing says nothing. The same holds for one that is damaged.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest
from weighbridge.model.errors import HostileInput
from weighbridge.sources.osv import ECOSYSTEM, PackageVersion, RawAnswer
from weighbridge.sources.osv_files import MAX_RECORD, StoredRecord, stored_records
from weighbridge.sources.osv_ranges import affects

MAX_AGE_DAYS = 5  # what grype's database may be, too
MAX_KEPT = 50_000  # records that name a package in question
_NAME = re.compile(rb'"name"\s*:\s*"((?:[^"\\]|\\.){0,300})"')
_MODIFIED = re.compile(rb'"modified"\s*:\s*"(\d{4}-\d{2}-\d{2})')
_ESCAPED_LETTER = re.compile(rb"\\u00[2-7]")
_HARMLESS = re.compile(rb"\\u00(?:22|26|27|3[cCdDeE]|2[bBfF])")  # what encoders escape in HTML
_ECOSYSTEM = f'"{ECOSYSTEM}'.encode()


@dataclass(frozen=True, slots=True)
class DatabaseAnswers:
    """``newest`` is the day of the newest record, YYYY-MM-DD, empty where no record tells.

    ``gap`` is why a package without an advisory counts as not assessed, empty where it does not.
    """

    answers: Mapping[PackageVersion, RawAnswer]
    newest: str
    gap: str


class OsvDatabase:
    """A folder with a database.

    Args:
        folder: see :mod:`weighbridge.sources.osv_files`.
        as_of: the day that its age is counted to.
        max_age_days: how many days old its newest record may be.
        store: is given the bytes of each record that affects a package.
    """

    def __init__(
        self,
        folder: Path,
        *,
        as_of: dt.date,
        max_age_days: int = MAX_AGE_DAYS,
        store: Callable[[bytes], Digest] | None = None,
    ) -> None:
        self._folder = folder
        self._as_of = as_of
        self._max_age = max_age_days
        self._store = store

    def ask(self, packages: Iterable[PackageVersion]) -> DatabaseAnswers:
        """What the database knows of each package. A gap is no failure: what is known is told."""
        wanted = sorted(set(packages))
        found = _Found({package.name for package in wanted})
        gap = ""
        try:
            for record in stored_records(self._folder):
                found.see(record)
            if not found.records:
                gap = f"the OSV database holds no record of {ECOSYSTEM}"
        except HostileInput as error:
            gap = error.message
        newest = found.newest(max(self._as_of, dt.datetime.now(dt.UTC).date()))
        gap = gap or self._too_old(newest)
        return DatabaseAnswers({p: self._answer(p, found) for p in wanted}, newest, gap)

    def _too_old(self, newest: str) -> str:
        if not newest:
            return "the OSV database does not tell how old it is"
        age = (self._as_of - dt.date.fromisoformat(newest)).days
        if age <= self._max_age:
            return ""
        return (
            f"the OSV database is too old: its newest record is of {newest}, {age} days ago, "
            f"and {self._max_age} days are allowed"
        )

    def _answer(self, package: PackageVersion, found: _Found) -> RawAnswer:
        """The records that affect the package. Each lies once in the store, as it was read."""
        hits: list[_Record] = []
        for record in found.by_name.get(package.name, ()):
            try:
                if affects(record.body, package):
                    hits.append(record)
            except HostileInput as error:
                return RawAnswer(raw=self._stored([record]), failure=visible(error.message, 400))
        return RawAnswer(tuple(record.body for record in hits), self._stored(hits))

    def _stored(self, records: Iterable[_Record]) -> tuple[Digest, ...]:
        if self._store is None:
            return ()
        return tuple(sorted({self._store(record.data) for record in records}))


@dataclass(frozen=True, slots=True)
class _Record:
    body: Mapping[str, Any]
    data: bytes


@dataclass(slots=True)
class _Found:
    """What one pass over the database keeps: the records that name one of ``names``."""

    names: set[str]
    by_name: dict[str, list[_Record]] = field(default_factory=dict)
    records: int = 0
    kept: int = 0
    days: set[str] = field(default_factory=set)
    entry_days: set[str] = field(default_factory=set)

    def see(self, record: StoredRecord) -> None:
        data = record.data
        if record.date:
            self.entry_days.add(record.date)
        text = data.strip()
        if not (text.startswith((b"{", b"\xef\xbb\xbf{")) and text.endswith(b"}")):
            raise HostileInput(f"the OSV database is damaged: {visible(record.name, 120)}")
        escaped = _has_escaped_letters(data)
        if _ECOSYSTEM not in data and not escaped:
            return
        self.records += 1
        if day := _MODIFIED.search(data):
            self.days.add(day.group(1).decode())
        named = {_canonical(name) for name in _NAME.findall(data)} & self.names
        if named or escaped:
            self._keep(record, named)

    def _keep(self, record: StoredRecord, named: set[str]) -> None:
        body = load_json(
            record.data, source=f"the OSV database's {visible(record.name, 120)}",
            max_bytes=MAX_RECORD,
        )  # fmt: skip
        if not isinstance(body, dict) or not isinstance(body.get("id"), str):
            raise HostileInput(f"the OSV database's {visible(record.name, 120)} has no id")
        for name in named | (_parsed_names(body) & self.names):
            self.by_name.setdefault(name, []).append(_Record(body, record.data))
            self.kept += 1
        if self.kept > MAX_KEPT:
            raise HostileInput(f"the OSV database has more than {MAX_KEPT} records on the packages")

    def newest(self, today: dt.date) -> str:
        """The newest day that is not in the future: a slip of the pen must not keep it fresh."""
        latest = (today + dt.timedelta(days=1)).isoformat()
        for days in (self.days, self.entry_days):
            past = [day for day in days if day <= latest and _is_day(day)]
            if past:
                return max(past)
        return ""


def _has_escaped_letters(data: bytes) -> bool:
    """Whether a letter or digit, a dot or a dash may be written as ``\\u00xx``."""
    if not _ESCAPED_LETTER.search(data):
        return False
    return bool(_ESCAPED_LETTER.search(_HARMLESS.sub(b"", data)))


@functools.lru_cache(32_768)
def _canonical(name: bytes) -> str:
    from packaging.utils import canonicalize_name

    return canonicalize_name(name.decode("utf-8", "replace"))


def _parsed_names(body: Mapping[str, Any]) -> set[str]:
    from packaging.utils import canonicalize_name

    affected = body.get("affected")
    packages = [
        entry.get("package")
        for entry in (affected if isinstance(affected, list) else [])
        if isinstance(entry, dict)
    ]
    names = [package.get("name") for package in packages if isinstance(package, dict)]
    return {canonicalize_name(name) for name in names if isinstance(name, str)}


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
