"""Every object of every global heap of a file, found without the references to them.

Where references to pickled objects are compressed by a filter that nothing here undoes, the objects
themselves still lie open in global heaps, and each of those starts with its signature.
"""

from __future__ import annotations

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.hdf5.contents import Contents

MAX_SCANNED = 64 * 2**20  # bytes of a file
_STEP = 2**20
_SIGNATURE = b"GCOL"


def scan(contents: Contents, path: str) -> None:
    """Try each object of each global heap as a pickle, once for a file.

    Args:
        contents: of the file.
        path: the dataset whose references cannot be read.

    Raises:
        BoundExceeded: the file is too large to be searched, or holds too much.
    """
    if contents.scanned:
        return
    contents.scanned = True
    file = contents.file
    if file.end > MAX_SCANNED:
        contents.log.gap(f"{path}: no reader for the filter of its pickled objects")
        return
    for address in _heaps(contents):
        try:
            objects = contents.heaps.collection(address)
        except BoundExceeded:
            raise
        except HostileInput:
            continue  # the four letters stood there by chance
        for start, size in objects.values():
            part = file.source.part(file.base + start, size)
            contents.pickle(f"{path}:{address}", part)


def _heaps(contents: Contents) -> list[int]:
    """The addresses at which the signature of a global heap stands."""
    file = contents.file
    stream = file.source.open()
    stream.seek(file.base)
    found: list[int] = []
    kept, start = b"", 0
    while start < file.end and (part := stream.read(min(_STEP, file.end - start))):
        window = kept + part
        at = window.find(_SIGNATURE)
        while at >= 0:
            file.spend()
            found.append(start - len(kept) + at)
            at = window.find(_SIGNATURE, at + 1)
        start += len(part)
        kept = window[-3:]
    contents.log.bytes_read += start
    return found
