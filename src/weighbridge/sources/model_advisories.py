"""Advisories about models: an overlay in OSV form, which a team keeps in a folder of its own.

The OSV schema has no ecosystem for models, and no public service has advisories about them. An
entry of ``affected`` names a model by its package URL, and weights by their SHA-256::

    {"package": {"ecosystem": "huggingface", "name": "acme/tiny",
                 "purl": "pkg:huggingface/acme/tiny"},
     "versions": ["<revision>"],
     "ecosystem_specific": {"sha256": ["<weights>"], "fixed_revisions": ["<revision>"]}}

* ``versions`` are full commit ids; the revision of a package URL (``…@<revision>``) is one of them.
* ``sha256`` are files. One is affected wherever it lies, under whatever name.
* An entry with neither of the two affects every revision of the model.

See ``docs/how-to/model-advisories.md``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest
from weighbridge.model.errors import HostileInput
from weighbridge.sources.advisory import Advisory, advisory_without_versions
from weighbridge.sources.osv_files import MAX_RECORD, plain_records

MAX_LISTED = 20_000  # entries, revisions or digests of one advisory
NAME = "model-advisories"
_PURL = re.compile(r"pkg:huggingface/([^@?#]{1,200})(?:@([^?#]{1,100}))?(?:[?#].*)?\Z")
_REVISION = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_WHAT = "the folder of model advisories"


@dataclass(frozen=True, slots=True)
class _Affected:
    model: str  # the Hub id, case folded, empty where only files are named
    revisions: frozenset[str]
    sha256: frozenset[str]
    fixed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelAdvisory:
    """One advisory of the overlay; ``raw`` is where its bytes are stored."""

    advisory: Advisory
    withdrawn: bool
    affected: tuple[_Affected, ...]
    raw: tuple[Digest, ...] = ()

    @property
    def names_models(self) -> bool:
        """Whether it affects a model by its name, so that one without a name is not assessed."""
        return any(entry.model and (entry.revisions or not entry.sha256) for entry in self.affected)

    def affects_model(self, purl: str) -> bool | None:
        """Whether it is about a model; None where that hangs on a revision which is not known."""
        model, revision = split_purl(purl)
        unsure = False
        for entry in self.affected:
            if entry.model != model or not model:
                continue
            if entry.revisions and not revision:
                unsure = True
            elif revision in entry.revisions or not (entry.revisions or entry.sha256):
                return True
        return None if unsure else False

    def affects_file(self, digest: Digest) -> bool:
        """Whether it names a file's SHA-256."""
        return digest.algorithm == "sha256" and any(
            digest.value in entry.sha256 for entry in self.affected
        )


@dataclass(frozen=True, slots=True)
class Overlay:
    """All advisories of a folder. ``gap`` is why there may be more, empty where there are not."""

    advisories: tuple[ModelAdvisory, ...]
    gap: str


def split_purl(purl: str) -> tuple[str, str]:
    """The Hub id, case folded, and the revision of ``pkg:huggingface/…``; empty where it is none.

    The Hub leads every spelling of a name to the same model.
    """
    from urllib.parse import unquote

    found = _PURL.match(purl)
    if found is None:
        return "", ""
    return unquote(found[1]).strip("/").casefold(), (found[2] or "").lower()


def read_overlay(folder: Path, store: Callable[[bytes], Digest] | None = None) -> Overlay:
    """Every advisory of a folder of OSV files.

    One that cannot be read is a gap, not the end: what the others say is told.
    """
    found: list[ModelAdvisory] = []
    gap = ""
    try:
        if not folder.is_dir():
            raise HostileInput(f"{_WHAT} is not a folder that can be read")
        for record in plain_records(folder, _WHAT):
            try:
                found.append(_read(record.data, visible(record.name, 120), store))
            except HostileInput as error:
                gap = gap or error.message
    except HostileInput as error:
        gap = error.message
    return Overlay(tuple(sorted(found, key=lambda one: one.advisory.id)), visible(gap, 400))


def _read(data: bytes, name: str, store: Callable[[bytes], Digest] | None) -> ModelAdvisory:
    where = f"the model advisory {name}"
    body = load_json(data, source=where, max_bytes=MAX_RECORD)
    if not isinstance(body, dict) or not isinstance(body.get("id"), str) or not body["id"]:
        raise HostileInput(f"{where} has no id")
    if str(body.get("schema_version", "1.0.0")).split(".")[0] != "1":
        raise HostileInput(f"{where} has a schema version that is not understood")
    aliases = _texts(body.get("aliases", []), where, "aliases")
    entries = tuple(_entry(item, where) for item in _listed(body.get("affected"), where))
    fixed = tuple(dict.fromkeys(text for entry in entries for text in entry.fixed))
    withdrawn = body.get("withdrawn") is not None
    raw = () if store is None else (store(data),)
    return ModelAdvisory(advisory_without_versions(body, aliases, fixed), withdrawn, entries, raw)


def _entry(item: Any, where: str) -> _Affected:
    if not isinstance(item, Mapping):
        raise HostileInput(f"{where} affects something that is no object")
    package, specific = item.get("package") or {}, item.get("ecosystem_specific") or {}
    if not isinstance(package, Mapping) or not isinstance(specific, Mapping):
        raise HostileInput(f"{where} affects something of another shape")
    if item.get("ranges"):
        raise HostileInput(f"{where} gives ranges: list the revisions in 'versions' instead")
    purl = package.get("purl") or ""
    model, revision = split_purl(purl) if isinstance(purl, str) else ("", "")
    if package and not model:
        raise HostileInput(f"{where} affects a package without a purl pkg:huggingface/…")
    revisions = {text.lower() for text in _texts(item.get("versions", []), where, "versions")}
    revisions |= {revision} - {""}
    sha256 = {text.lower() for text in _texts(specific.get("sha256", []), where, "sha256")}
    if not all(map(_REVISION.match, revisions)):
        raise HostileInput(f"{where} lists a revision that is no full commit id")
    if not all(map(_SHA256.match, sha256)):
        raise HostileInput(f"{where} lists a SHA-256 that is none")
    if not model and not sha256:
        raise HostileInput(f"{where} has an entry that names neither a model nor a file")
    fixed = _texts(specific.get("fixed_revisions", []), where, "fixed_revisions")
    return _Affected(model, frozenset(revisions), frozenset(sha256), tuple(fixed))


def _listed(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise HostileInput(f"{where} does not say what it affects")
    if len(value) > MAX_LISTED:
        raise HostileInput(f"{where} affects more than {MAX_LISTED} things")
    return value


def _texts(value: Any, where: str, what: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise HostileInput(f"{where} has {what} that are not a list of texts")
    if len(value) > MAX_LISTED:
        raise HostileInput(f"{where} lists more than {MAX_LISTED} {what}")
    return [visible(text, 200) for text in value]
