"""What an incremental update of a sealed PDF may change: next to nothing.

The signature's own update puts one invisible field on the first page. Each archive timestamp's does
the same, and adds to the document security store (ISO 32000-2, 12.8.2.2.2 allows both to a document
that is certified against all changes). Every object that an earlier revision knows and an update
writes anew is therefore one of a handful, and compared entry by entry. pyHanko's own rules come to
the same and read the whole file for it: 20 s for a tagged report of 360 KB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from weighbridge.model.errors import HostileInput

_MAX_DEPTH = 40
_FIELD_KEYS = frozenset(
    ("/Type", "/Subtype", "/FT", "/T", "/TU", "/Ff", "/F", "/Rect", "/P", "/V", "/Lock")
)
_STORE_KEYS = frozenset(("/Type", "/Certs", "/OCSPs", "/CRLs", "/VRI"))


@dataclass(frozen=True, slots=True)
class _Step:
    """Two revisions that follow each other, as pyHanko's resolvers."""

    old: Any
    new: Any


def check_only_archived(reader: Any, signed_revision: int) -> None:
    """Check that all updates after the signed one add archive timestamps and their material.

    Raises:
        HostileInput: one does more.
    """
    for revision in range(signed_revision + 1, reader.xrefs.total_revisions):
        step = _Step(
            reader.get_historical_resolver(revision - 1), reader.get_historical_resolver(revision)
        )
        if not _harmless(step, {"/AcroForm", "/DSS", "/Extensions"}):
            raise HostileInput("its pages or its structure were changed after it was signed")


def base_of(reader: Any, signed_revision: int) -> int | None:
    """Where the cross-reference table of the PDF lies that was signed; None where signing did more.

    The signature itself lies in an incremental update, which could change the pages as well, and
    would be signed with it.
    """
    if signed_revision != 1:
        return None
    step = _Step(reader.get_historical_resolver(0), reader.get_historical_resolver(1))
    if not _harmless(step, {"/AcroForm", "/Perms", "/Extensions", "/Version"}):
        return None
    return int(reader.xrefs.get_startxref_for_revision(0))


def _harmless(step: _Step, catalog: set[str]) -> bool:
    """Whether an update changes these entries of the catalog alone, and those in a harmless way."""
    old, new = step.old, step.new
    if new.refs_freed_in_revision() or old.root_ref != new.root_ref:
        return False
    changed = {ref for ref in new.explicit_refs_in_revision() if not old.is_ref_unassignable(ref)}
    explained = _explained(step)
    if explained is None:
        return False
    for ref in changed:
        if ref == old.root_ref:
            if not _same_but(old.root, new.root, catalog):
                return False
        elif ref not in explained:
            return False
    return _store_harmless(new.root)


def _explained(step: _Step) -> set[Any] | None:
    """The earlier objects that the update may write anew; None where it wrote them wrongly."""
    old, new = step.old, step.new
    explained: set[Any] = set()
    page = _first_page(old.root["/Pages"])
    if page is None:
        return None
    before, after = old.get_object(page.reference), new.get_object(page.reference)
    if not _same_but(before, after, {"/Annots"}):
        return None
    explained.add(page.reference)
    annotations = _added(before, after, "/Annots", explained)
    fields = _form_added(step, explained)
    if annotations is None or fields is None:
        return None
    if len(fields) > 1 or (annotations and annotations != fields):
        return None
    if not all(_is_invisible(field.get_object(), page) for field in fields):
        return None
    store = _raw(old.root, "/DSS")
    for holder in (store, *_entries(_value(old.root, "/DSS"))):
        if _is_reference(holder):
            explained.add(holder.reference)
    return explained


def _form_added(step: _Step, explained: set[Any]) -> list[Any] | None:
    """The fields that an update adds to the form, None where it does something else to it."""
    before, after = _value(step.old.root, "/AcroForm"), _value(step.new.root, "/AcroForm")
    if after is None:
        return [] if before is None else None
    reference = _raw(step.old.root, "/AcroForm")
    if before is None:
        allowed = {"/Fields", "/SigFlags"}
        return _list(after, "/Fields") if {*after} <= allowed else None
    if _is_reference(reference):
        if reference != _raw(step.new.root, "/AcroForm"):
            return None
        explained.add(reference.reference)
    if not _same_but(before, after, {"/Fields", "/SigFlags"}):
        return None
    return _added(before, after, "/Fields", explained)


def _added(before: Any, after: Any, key: str, explained: set[Any]) -> list[Any] | None:
    """What a list got at its end; None where anything else of it changed."""
    held = _raw(before, key)
    if _is_reference(held):
        if held != _raw(after, key):
            return None
        explained.add(held.reference)
    earlier, later = _list(before, key), _list(after, key)
    return later[len(earlier) :] if later[: len(earlier)] == earlier else None


def _list(dictionary: Any, key: str) -> list[Any]:
    """A list's items with references as they are written."""
    items: Any = _value(dictionary, key) or ()
    return [items.raw_get(index) for index in range(len(items))]


def _value(dictionary: Any, key: str) -> Any:
    """An entry with its reference followed, None where there is none."""
    return dictionary[key] if key in dictionary else None  # noqa: SIM401 - get follows nothing


def _is_reference(value: Any) -> bool:
    from pyhanko.pdf_utils.generic import IndirectObject

    return isinstance(value, IndirectObject)


def _raw(dictionary: Any, key: str) -> Any:
    return dictionary.raw_get(key) if key in dictionary else None


def _entries(dictionary: Any) -> list[Any]:
    return [] if dictionary is None else [dictionary.raw_get(key) for key in dictionary]


def _same_but(before: Any, after: Any, allowed: set[str]) -> bool:
    """Whether two dictionaries are written the same, but for these entries."""
    keys = ({*before} | {*after}) - allowed
    return all(_raw(before, key) == _raw(after, key) for key in keys)


def _is_invisible(field: Any, page: Any) -> bool:
    """Whether a field is a signature's, of no size, without appearance and without actions."""
    return bool(
        {*field} <= _FIELD_KEYS
        and _value(field, "/FT") == "/Sig"
        and list(_value(field, "/Rect") or ()) == [0, 0, 0, 0]
        and _raw(field, "/P") in (None, page)
    )


def _store_harmless(root: Any) -> bool:
    """Whether the security store, if there is one, holds lists of certificates and answers only."""
    store = _value(root, "/DSS")
    return store is None or {*store} <= _STORE_KEYS


def _first_page(node: Any) -> Any:
    """The reference of the first page, None where the tree is odd."""
    for _ in range(_MAX_DEPTH):
        kids = _value(node, "/Kids")
        if not kids:
            return None
        first = kids.raw_get(0)
        if not _is_reference(first):
            return None
        node = first.get_object()
        if _value(node, "/Type") == "/Page":
            return first
    return None
