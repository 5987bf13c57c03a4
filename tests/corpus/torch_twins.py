# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Harmless twins of the torch archives: ``python -m tests.corpus.torch_twins FOLDER``.

Where a malicious archive has a benign and a dangerous pickle, its twin has two harmless ones, which
name different types: A holds ``torch.float16``, B ``torch.float32``. What torch loads then tells
which of the two it read (``torch_view.py``, run by a Python that has torch), and the names that an
inspection counts tell which it read (``twins_check.py``). Of the same length, so that two archives
of them have the same layout.

Besides the tricks of ``torch_archives`` there are some of zip alone, and mutants: twins of which
one to three header fields were changed, by a generator of a fixed seed.
"""

from __future__ import annotations

import random
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.corpus.assemble import Zip, imp, npy, state_dict, text, torch_legacy
from tests.corpus.torch_archives import places, views

MARKS = {"A": "torch.float16", "B": "torch.float32"}
A, B = (state_dict(extra=text("mark") + imp(*name.split("."))) for name in MARKS.values())
# The same for torch's older format, whose storages also say of which other they are a view.
OLD_A, OLD_B = (pickle.replace(b"K\x06tQ", b"K\x06NtQ") for pickle in (A, B))
MUTANTS = 6000
SEED = 20_260_401
_STORAGE = b"\0" * 24
# Each structure's fields as (offset, bytes), from APPNOTE 6.3.10: 4.3.7, 4.3.12, 4.3.16, 4.3.14,
# 4.3.15. The last two occur in the twins that have them alone.
_FIELDS: dict[bytes, tuple[tuple[int, int], ...]] = {
    b"PK\x03\x04": ((0, 4), (4, 2), (6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2)),
    b"PK\x01\x02": ((0, 4), (4, 2), (6, 2), (8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2),
                    (30, 2), (32, 2), (34, 2), (36, 2), (38, 4), (42, 4)),
    b"PK\x05\x06": ((0, 4), (4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)),
    b"PK\x06\x06": ((0, 4), (4, 8), (16, 4), (20, 4), (24, 8), (32, 8), (40, 8), (48, 8)),
    b"PK\x06\x07": ((0, 4), (4, 4), (8, 8), (16, 4)),
}  # fmt: skip
_NAMES = {b"PK\x03\x04": (30, 26), b"PK\x01\x02": (46, 28)}  # where a name and its length stand


def _archive(*members: tuple[str, bytes]) -> Zip:
    archive = Zip(torch=True)
    for name, data in members:
        archive.add(name, data)
    return archive


def _zip64(archive: Zip, *, count: int | None = None, offset: int | None = None) -> bytes:
    """The archive with a zip64 end record, whose values may differ from the plain record's."""
    plain = archive.end()
    body, end = plain[:-22], plain[-22:]
    size, start = struct.unpack_from("<II", end, 12)
    number = archive.count if count is None else count
    wide = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, number, number, size,
                       start if offset is None else offset)  # fmt: skip
    return body + wide + struct.pack("<4sIQI", b"PK\x06\x07", 0, len(body), 1) + end


def _tail(name: str, data: bytes) -> tuple[tuple[str, bytes], ...]:
    """A pickle and what torch needs beside it, in the folder of ``name``."""
    folder = name.rpartition("/")[0]
    return (name, data), (f"{folder}/data/0", _STORAGE), (f"{folder}/version", b"3\n")


def _further() -> dict[str, bytes]:
    """Tricks of the container alone."""
    plain, other = _archive(*_tail("a/data.pkl", A)), _archive(*_tail("a/data.pkl", B))
    size = len(plain.end())
    shifted = Zip(torch=True, base=size)  # its offsets count from the start of both
    for name, data in _tail("a/data.pkl", B):
        shifted.add(name, data)
    behind = Zip(torch=True)  # a directory over members of an archive further on
    for name, data in _tail("a/data.pkl", B):
        behind.add(name, data)
    return {
        "plain": plain.end(),
        "empty-folder-first": _archive(("x/", b""), *_tail("a/data.pkl", A), ("x/data.pkl", B)).end(),
        "two-folders-first": _archive(("b/data.pkl", B), *_tail("a/data.pkl", A)).end(),
        "two-folders-both-whole": _archive(*_tail("b/data.pkl", B), *_tail("a/data.pkl", A)).end(),
        "folder-by-case": _archive(*_tail("a/data.pkl", A), ("A/data.pkl", B)).end(),
        "folder-by-case-first": _archive(("A/data.pkl", B), *_tail("a/data.pkl", A)).end(),
        "folder-in-folder": _archive(("a/a/data.pkl", B), *_tail("a/data.pkl", A)).end(),
        "deep-folder": _archive(*_tail("a/b/data.pkl", A)).end(),
        "no-folder": _archive(("data.pkl", A), ("data/0", _STORAGE), ("version", b"3\n")).end(),
        "root-slash": _archive(*_tail("/data.pkl", A)).end(),
        "dot-folder": _archive(("./data.pkl", A), ("./data/0", _STORAGE), ("./version", b"3\n")).end(),
        "many-by-case": _archive(("a/DATA.pkl", B), ("a/Data.pkl", B), *_tail("a/data.pkl", A)).end(),
        "three-of-a-name": _archive(("a/data.pkl", B), ("a/data.pkl", A), *_tail("a/data.pkl", B)).end(),
        "long-name": _archive(("a/" + "x" * 600, b"inert"), *_tail("a/data.pkl", A)).end(),
        "name-not-utf8": _archive(("a/\xff\xfe", b"inert"), *_tail("a/data.pkl", A)).end(),
        "nul-behind": _archive(("a/data.pkl\0", B), *_tail("a/data.pkl", A)).end(),
        "nul-before": _archive(("a\0/data.pkl", B), *_tail("a/data.pkl", A)).end(),
        "dot-data": _archive(("a/.data/version", b"3\n"), *_tail("a/data.pkl", A)).end(),
        "constants-beside": _archive(*_tail("a/data.pkl", A), ("a/constants.pkl", B)).end(),
        "byteorder-pickle": _archive(*_tail("a/data.pkl", A), ("a/byteorder", B)).end(),
        "stacked-shifted": plain.end() + shifted.end(),
        "stacked-plain": plain.end() + other.end(),
        "stacked-before-keras": plain.end() + _archive(("config.json", b"{}"), ("metadata.json", b"{}")).end(),
        "stacked-before-arrays": plain.end() + _archive(("a.npy", npy("{}"))).end(),
        "three-stacked": plain.end() + other.end() + plain.end(),
        "directory-twice": plain.body + plain.central + other.end(),
        "directory-of-another": plain.end() + behind.end(),
        "zip64": _zip64(plain),
        "zip64-fewer": _zip64(plain, count=1),
        "zip64-elsewhere": plain.end() + _zip64(other, offset=len(plain.body)),
        "zip64-and-plain-differ": _zip64(other, offset=0),
        "zip64-twice": _zip64(plain)[:-42] + _zip64(shifted)[:-22] + _zip64(plain)[-42:],
        "comment": plain.end(comment=b"hello"),
        "comment-is-an-end": plain.end(comment=b"PK\x05\x06" + bytes(18)),
        "comment-is-an-archive": plain.end(comment=other.end()),
        "comment-ends-beyond": plain.end(comment=other.end()[:-2] + b"\x09\0"),
        "comment-shifted": plain.end(comment=shifted.end()),
        "comment-shifted-ends-beyond": plain.end(comment=shifted.end()[:-2] + b"\x09\0"),
        "zeros-behind": plain.end() + bytes(200),
        "zeros-before": bytes(512) + plain.end(),
        "space-behind": plain.end() + b"\n" * 70_000,
        "legacy": torch_legacy(OLD_A),
        "legacy-then-pickle": torch_legacy(OLD_A) + B,
        "legacy-then-archive": torch_legacy(OLD_A) + other.end(),
        "legacy-behind-pickle": B + torch_legacy(OLD_A),
        "legacy-two": torch_legacy(OLD_A) + torch_legacy(OLD_B),
        "archive-then-legacy": other.end() + torch_legacy(OLD_A),
    }  # fmt: skip


def twins() -> dict[str, bytes]:
    """Every twin by name, without the mutants."""
    made: dict[str, bytes] = {}
    for first, second, order in ((A, B, "ab"), (B, A, "ba")):
        for how, (content, _, _) in (places(first, second) | views(first, second, second)).items():
            made[f"{how}-{order}"] = content
    return made | _further()


def _structures(data: bytes) -> list[tuple[int, bytes]]:
    found = []
    for mark in _FIELDS:
        at = data.find(mark)
        while at >= 0:
            if at + 64 <= len(data) or mark == b"PK\x05\x06":
                found.append((at, mark))
            at = data.find(mark, at + 1)
    return sorted(found)


def _mutate(data: bytes, choose: random.Random) -> bytes:
    """One field of a header takes another value: one that exists elsewhere, or an odd one."""
    structures = _structures(data)
    at, mark = choose.choice(structures)
    if mark in _NAMES and choose.random() < 0.15:
        name, length = _NAMES[mark]
        count = int.from_bytes(data[at + length : at + length + 2], "little")
        spot = at + name + choose.randrange(max(count, 1))
        return data[:spot] + bytes([choose.choice(b"aA/\\.\0dDk0\xff")]) + data[spot + 1 :]
    offset, width = choose.choice(_FIELDS[mark])
    old = int.from_bytes(data[at + offset : at + offset + width], "little")
    others = [
        int.from_bytes(data[place + offset : place + offset + width], "little")
        for place, other in structures
        if other == mark
    ]
    top = 256**width - 1
    flipped = old ^ 1 << choose.randrange(8 * width)
    somewhere = choose.choice(structures)[0]
    odd = [0, 1, top, top >> 1, old + 1, old - 1, flipped, somewhere, len(data), len(data) - at]
    value = choose.choice([*others, *odd])
    return (
        data[: at + offset] + (value & top).to_bytes(width, "little") + data[at + offset + width :]
    )


def mutants(count: int, seed: int = SEED) -> Iterator[tuple[str, bytes]]:
    """Twins with one to three mutations each."""
    choose = random.Random(seed)
    bases = sorted((name, data) for name, data in twins().items() if len(_structures(data)) > 1)
    for number in range(count):
        name, data = choose.choice(bases)
        for _ in range(choose.choice((1, 1, 1, 2, 3))):
            if _structures(data):
                data = _mutate(data, choose)
        yield f"mutant-{number:05}-{name}", data


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)  # noqa: T201
        return 2
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        print(f"{folder} is not empty", file=sys.stderr)  # noqa: T201
        return 2
    for name, data in (*twins().items(), *mutants(MUTANTS)):
        (folder / f"{name}.pt").write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
