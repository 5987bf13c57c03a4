"""The signatures and timestamps that a PDF holds: which there are, what of the file each is over.

pyHanko reads the objects of the file; its own validation is left aside. It would bring in all that
signing needs, and that takes longer to import than everything here takes to check. It also allows
what no sealed report has, and is refused here: fields below fields, fields that are no signatures,
signatures of kinds that it then passes over.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from weighbridge.model.errors import HostileInput
from weighbridge.seal.pdf_objects import entry, followed, require

MAX_FIELDS = 256
SIGNATURE, TIMESTAMP = "/Sig", "/DocTimeStamp"


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """A signature or a timestamp over the file, as its dictionary says (ISO 32000-2, 12.8.1).

    ``entries`` is that dictionary, and ``contents`` the container in it with what pads it. ``span``
    is its ``/ByteRange`` as it stands there. ``revision`` counts the file's updates from 0: the one
    that brought it.
    """

    entries: Any
    kind: str
    span: tuple[int, ...]
    contents: bytes
    revision: int

    @property
    def end(self) -> int:
        """Where what it covers ends, its own place counted in."""
        return self.span[2] + self.span[3]

    def digest(self, data: bytes, algorithm: str) -> bytes:
        """The digest of what it covers, by the name of a hash of :mod:`hashlib`."""
        _, before, after, rest = self.span
        view = memoryview(data)
        made = hashlib.new(algorithm, view[:before])
        made.update(view[after : after + rest])
        return made.digest()


def embedded(reader: Any) -> list[Embedded]:
    """Every signature and timestamp of a pyHanko reader, oldest first.

    Raises:
        HostileInput: the form holds anything else, or one of them is not of the form.
    """
    form = entry(reader.root, "/AcroForm")
    fields = entry(form, "/Fields")
    if fields is None:
        return []
    count = len(fields)
    require(count <= MAX_FIELDS, f"it has more than {MAX_FIELDS} form fields")
    places = [fields.raw_get(index) for index in range(count)]
    found = [_embedded(reader, place) for place in places]
    distinct = {place.reference for place in places}
    require(len(distinct) == count, "a form field in it stands twice")
    return sorted(found, key=lambda each: each.revision)


def _embedded(reader: Any, place: Any) -> Embedded:
    from pyhanko.pdf_utils import generic

    odd = "a form field in it is no signature"
    require(isinstance(place, generic.IndirectObject), odd)
    field = place.get_object()
    require(isinstance(field, generic.DictionaryObject), odd)
    require(entry(field, "/FT") == "/Sig" and "/Kids" not in field and "/V" in field, odd)
    value = field.raw_get("/V")
    require(isinstance(value, generic.IndirectObject), odd)
    entries = value.get_object()
    require(isinstance(entries, generic.DictionaryObject), odd)
    kind = str(entries["/Type"]) if "/Type" in entries else SIGNATURE
    require(kind in (SIGNATURE, TIMESTAMP), odd)
    contents = entries.raw_get("/Contents", decrypt=generic.EncryptedObjAccess.RAW)
    strings = (generic.TextStringObject, generic.ByteStringObject)
    require(isinstance(contents, strings), "the place of its signature was changed")
    return Embedded(
        entries=entries,
        kind=kind,
        span=tuple(int(number) for number in entries.raw_get("/ByteRange")),
        contents=bytes(contents.original_bytes),
        revision=int(reader.xrefs.get_last_change(value.reference)),
    )


def check_gap(found: Embedded, data: bytes) -> int:
    """Where the revision ends that a signature or timestamp covers but for its own place.

    Raises:
        HostileInput: it covers odd ranges, or something else hides in its place.
    """
    odd = "its signature covers odd ranges of the file"
    require(len(found.span) == 4 and found.span[0] == 0, odd)
    _, begin, end, rest = found.span
    require(0 < begin < end and 0 < rest <= len(data) - end, odd)
    held = found.contents.hex().upper().encode()  # as pyHanko writes it
    require(data[begin:end] == b"<" + held + b">", "the place of its signature was changed")
    return found.end


def check_covered(reader: Any, found: Embedded, data: bytes) -> None:
    """Check that a signature which does not reach the file's end covers its whole revision.

    The revision that it lies in must be the one that ends where it ends: the place of the
    cross-references which is named there is that of the revision, and these and all older ones lie
    before it.

    Raises:
        HostileInput: it does not.
    """
    from pyhanko.pdf_utils.misc import PdfReadError
    from pyhanko.pdf_utils.reader import process_data_at_eof

    problem = "its signature does not cover all that it was made over"
    stream = io.BytesIO(data)
    stream.seek(found.end)  # read backward from there
    try:
        start = process_data_at_eof(stream)
    except PdfReadError as error:
        raise HostileInput(problem) from error
    tables = reader.xrefs
    require(start == tables.get_startxref_for_revision(found.revision), problem)
    ends = [tables.get_xref_container_info(n).end_location for n in range(found.revision + 1)]
    require(all(end <= found.end for end in ends), problem)


def check_certifies(reader: Any, found: Embedded) -> None:
    """Check that a signature certifies the document and allows no change (12.8.2.2, DocMDP 1).

    Raises:
        HostileInput: it does not.
    """
    problem = "its signature does not certify it against all changes"
    author = entry(entry(reader.root, "/Perms"), "/DocMDP")
    require(author is not None, problem)
    require(author.container_ref == found.entries.container_ref, problem)
    transforms = [followed(each) for each in entry(found.entries, "/Reference") or ()]
    levels = [_level(each) for each in transforms if entry(each, "/TransformMethod") == "/DocMDP"]
    require(levels == [1], problem)


def _level(transform: Any) -> Any:
    parameters = entry(transform, "/TransformParams")
    return None if parameters is None or "/P" not in parameters else parameters.raw_get("/P")


def of_kind(found: Sequence[Embedded], kind: str) -> list[Embedded]:
    """Those of a kind, in order."""
    return [each for each in found if each.kind == kind]
