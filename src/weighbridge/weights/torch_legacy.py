"""torch's legacy file: pickles of a magic number, a protocol, the machine, the object and the
storage
keys, then the storages' bytes (torch/serialization.py, ``_legacy_save``)."""

from __future__ import annotations

import re

from weighbridge.weights.log import Log
from weighbridge.weights.pickle.stream import Pickles, inspect_pickles
from weighbridge.weights.source import Source
from weighbridge.weights.torch_storage import count_storages, storage_bytes

_PICKLES = 5
_VERSION = 1001  # torch/serialization.py, PROTOCOL_VERSION
# The pickles of the magic number and of the protocol.
_PROTOCOL = re.compile(
    rb"\x80[\x02-\x05](?:\x95.{8})?\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19\."
    rb"\x80[\x02-\x05](?:\x95.{8})?[KMJ](.{1,4}?)\.",
    re.S,
)
_COUNT_BYTES = 8  # each storage's element count stands before its bytes


def inspect(source: Source, log: Log) -> None:
    """Analyse the five pickles; the storages are measured and not read."""
    found = inspect_pickles(source, log, most=_PICKLES)
    count_storages(found.storages, log)
    second = _PROTOCOL.match(source.head(64))
    if second is not None and int.from_bytes(second[1], "little") != _VERSION:
        log.issue("bad-value", f"the file's protocol is not {_VERSION}, and torch refuses it", 16)
    if found.count < _PICKLES:
        if found.count:
            log.issue(
                "truncated",
                f"a legacy torch file holds 5 pickles, and this one {found.count}",
                found.end,
            )
            log.gap("the object or its storages are missing", uninspected=False)
        return
    sizes = [storage_bytes(kind, count) for kind, count in found.storages.values()]
    if source.size < 0 or any(size is None for size in sizes):
        return
    expected = sum(size + _COUNT_BYTES for size in sizes if size is not None)
    rest = source.size - found.end
    if rest != expected:
        log.issue(
            "truncated" if rest < expected else "trailing-data",
            f"the storages need {expected} bytes and the file holds {rest}",
            found.end,
        )
        return
    _compare_counts(source, found, log)


def _compare_counts(source: Source, found: Pickles, log: Log) -> None:
    """The storages follow in the order of their keys, each behind its count of elements."""
    stream = source.open()
    at = found.end
    for key, (kind, count) in sorted(found.storages.items()):
        stream.seek(at)
        stated = int.from_bytes(stream.read(_COUNT_BYTES), "little")
        if stated != count:
            log.issue("storage-size", f"storage {key} has {count} elements and states {stated}", at)
        at += _COUNT_BYTES + (storage_bytes(kind, count) or 0)
    keys = tuple(sorted(found.storages))
    if found.last_texts is not None and found.last_texts != keys:
        log.issue("missing-member", "the file's list of storages is not that of its tensors")
