"""The document security store of a sealed PDF (ISO 32000-2, 12.8.4.3): what it keeps for later.

Nothing in it is believed here: certificates and answers about revocation are signed by their
authorities, and each is held against that by whoever uses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MAX_ITEMS = 256
_MAX_BYTES = {"/Certs": 64 * 2**10, "/OCSPs": 64 * 2**10, "/CRLs": 4 * 2**20}


@dataclass(frozen=True, slots=True)
class Store:
    """Certificates, OCSP responses and revocation lists, in DER as far as one knows.

    ``unread`` is the number of those that were left out: past a bound, or not as they are written.
    """

    certificates: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    unread: int = 0


def security_store(reader: Any) -> Store:
    """The store of the last revision of a pyHanko reader; an empty one where there is none."""
    store = _entry(reader.root, "/DSS")
    certificates, left = _streams(store, "/Certs")
    ocsps, more = _streams(store, "/OCSPs")
    crls, most = _streams(store, "/CRLs")
    return Store(certificates, ocsps, crls, left + more + most)


def _streams(store: Any, key: str) -> tuple[tuple[bytes, ...], int]:
    from pyhanko.pdf_utils.generic import ArrayObject, StreamObject

    items = _entry(store, key)
    if not isinstance(items, ArrayObject):
        return (), int(items is not None)
    found: list[bytes] = []
    for index in range(min(len(items), MAX_ITEMS)):
        stream = items[index]
        # as weighbridge writes them, without a filter: nothing is unpacked that could be large
        plain = isinstance(stream, StreamObject) and "/Filter" not in stream
        if plain and len(stream.encoded_data) <= _MAX_BYTES[key]:
            found.append(bytes(stream.encoded_data))
    return tuple(found), len(items) - len(found)


def _entry(dictionary: Any, key: str) -> Any:
    """A dictionary's entry, references followed; None where there is none."""
    from pyhanko.pdf_utils.generic import DictionaryObject

    if not isinstance(dictionary, DictionaryObject) or key not in dictionary:
        return None
    return dictionary[key]
