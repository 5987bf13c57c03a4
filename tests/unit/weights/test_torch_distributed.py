"""Torch's distributed checkpoints: archives in a row, and what hides between or in them."""

from __future__ import annotations

import io
import struct

import pytest
from tests.unit.weights import craft
from tests.unit.weights.looking import clean, codes

from weighbridge.formats.sniff import sniff
from weighbridge.model.errors import BoundExceeded
from weighbridge.weights import torch_distributed
from weighbridge.weights.content import peek_of
from weighbridge.weights.inspect import inspect_file
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.source import file_source

EVIL = b"\x80\x02cos\nsystem\nX\n\x00\x00\x00echo inert\x85R."
NAME = "checkpoint/__0_0.distcp"


def inspect(data: bytes, name: str = NAME) -> Inspection:
    stream = io.BytesIO(data)
    return inspect_file(stream, len(data), sniff(peek_of(file_source(stream, len(data)))), name)


def items(data: bytes, name: str = NAME) -> list[tuple[int, int]]:
    return torch_distributed.items(file_source(io.BytesIO(data), len(data)), name)


def wide(archive: craft.Zip) -> bytes:
    """The archive with the zip64 records that torch writes."""
    start, size, count = len(archive.body), len(archive.central), archive.count
    record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, start + size, 1)
    plain = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, size, start, 0)
    return archive.body + archive.central + record + locator + plain


ONE, TWO = wide(craft.torch_zip()), craft.torch_zip(rest=b"").end()


@pytest.mark.parametrize("place", range(3))
def test_a_call_in_any_of_the_archives(place: int) -> None:
    parts = [ONE, TWO, ONE]
    parts[place] = wide(craft.torch_zip(EVIL))
    found = inspect(b"".join(parts))
    assert [o.name for o in found.operations if o.action == "call"] == ["os.system"]
    start = sum(map(len, parts[:place]))
    assert found.operations[0].member == f"archive at byte {start}!archive/data.pkl"


def test_archives_in_a_row_under_another_name_are_a_disguise() -> None:
    """torch reads the first archive of such a file, zipfile the last."""
    for name in ("model.pt", "model.bin", "model.distcp.pt", "distcp"):
        assert "stacked-archive" in codes(inspect(ONE + TWO, name))


@pytest.mark.parametrize(
    "data",
    [
        b"hidden" + ONE + TWO,
        ONE + b"hidden" + TWO,
        ONE + TWO + b"hidden",
        ONE[:-1] + TWO,
        ONE + craft.torch_zip().end(comment=b"hidden"),
        ONE + craft.torch_zip().end(gap=b"hidden"),
        EVIL + ONE + TWO,
    ],
    ids=["before", "between", "behind", "cut", "comment", "gap", "pickle"],
)
def test_what_belongs_to_no_archive_is_found(data: bytes) -> None:
    assert not clean(inspect(data))


def test_each_archive_is_checked_as_if_it_stood_alone() -> None:
    lying = craft.Zip(torch=True).add("archive/data.pkl", craft.state_dict(), crc=1)
    lying.add("archive/data/0", b"\0" * 24).add("archive/version", b"3\n")
    assert "crc-mismatch" in codes(inspect(ONE + wide(lying)))
    foreign = craft.Zip().add("readme.txt", b"not torch's")
    assert "missing-member" in codes(inspect(ONE + foreign.end() + TWO))


def test_offsets_that_lead_outside_make_it_none() -> None:
    for size, offset in ((2**32 - 2, 0), (0, 2**32 - 2), (0, 0), (5, 2**31)):
        end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, size, offset, 0)
        assert items(ONE + TWO[:-22] + end) == []
    assert items(b"") == items(b"PK") == items(ONE[-22:]) == []


def test_the_bound_on_archives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_distributed, "MAX_ITEMS", 2)
    with pytest.raises(BoundExceeded):
        items(ONE * 3)
    assert inspect(ONE * 3).gaps


@pytest.mark.parametrize("parts", [[ONE], [TWO], [ONE, TWO], [ONE] * 5, [TWO, ONE]])
def test_what_torch_writes_is_nothing_to_report(parts: list[bytes]) -> None:
    found = inspect(b"".join(parts))
    assert clean(found)
    assert found.complete
    assert found.parameters == 6 * len(parts)
    starts = [sum(map(len, parts[:number])) for number in range(len(parts))]
    expected = list(zip(starts, map(len, parts), strict=True)) if len(parts) > 1 else []
    assert items(b"".join(parts)) == expected
