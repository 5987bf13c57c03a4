"""A small static TrueType font, from some characters of a variable one (OpenType 1.9.1)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

from weighbridge.report.pdf.variable_font import (
    SAME_X,
    SAME_Y,
    SHORT_X,
    SHORT_Y,
    Outline,
    VariableFont,
)

_COPIED = ("OS/2", "head", "hhea", "maxp", "post", "prep")


def static_font(font: VariableFont, codes: Iterable[int], *, weight: int, at: int,
                name: str) -> bytes:  # fmt: skip
    """A TrueType file with the glyphs of these characters, in their order, after an empty one.

    Args:
        codes: characters that the font has, ascending.
        weight: what the file says of its weight, from 1 to 1000.
        at: that weight as a normalized coordinate, in parts of :data:`WHOLE`.
        name: its PostScript name.

    Raises:
        UnknownShape: a glyph is built in another way than those of the known files.
    """
    codes = list(codes)
    glyphs, metrics, offsets = [b""], [struct.pack(">Hh", 1000, 0)], [0, 0]
    boxes = []
    for code in codes:
        glyph = font.glyph_of(code)
        outline = font.outline(glyph, at)
        data, box = _written(outline) if outline else (b"", (0, 0, 0, 0))
        glyphs.append(data)
        boxes.append(box)
        offsets.append(offsets[-1] + len(data))
        metrics.append(struct.pack(">Hh", font.advance(glyph), box[0]))
    made = {tag: bytearray(font.table(tag)) for tag in _COPIED}
    left, bottom, right, top = zip(*boxes, strict=True) if boxes else [(0,)] * 4
    struct.pack_into(">4h", made["head"], 36, min(left), min(bottom), max(right), max(top))
    struct.pack_into(">L", made["head"], 8, 0)  # no checksum of the whole file: it is never written
    struct.pack_into(">h", made["head"], 50, 1)  # long offsets
    struct.pack_into(">H", made["hhea"], 34, len(glyphs))
    struct.pack_into(">H", made["maxp"], 4, len(glyphs))
    struct.pack_into(">H", made["OS/2"], 4, weight)
    tables = {
        **{tag: bytes(data) for tag, data in made.items()},
        "cmap": _character_map(codes),
        "glyf": b"".join(glyphs),
        "hmtx": b"".join(metrics),
        "loca": struct.pack(f">{len(offsets)}L", *offsets),
        "name": _names(name),
    }
    return _file(tables)


def _written(drawn: Outline) -> tuple[bytes, tuple[int, int, int, int]]:
    """A simple glyph's description, and its box: left, bottom, right, top."""
    xs, ys = zip(*drawn.points, strict=True)
    box = (min(xs), min(ys), max(xs), max(ys))
    flags = bytearray(drawn.on)
    flags[0] |= drawn.overlap
    coded = []
    for values, short, same in ((xs, SHORT_X, SAME_X), (ys, SHORT_Y, SAME_Y)):
        before, parts = 0, bytearray()
        for number, value in enumerate(values):
            step = value - before
            before = value
            if not step:
                flags[number] |= same
            elif -256 < step < 256:
                flags[number] |= short | same if step > 0 else short
                parts.append(abs(step))
            else:
                parts += struct.pack(">h", step)
        coded.append(parts)
    head = struct.pack(f">5h{len(drawn.ends)}HH", len(drawn.ends), *box, *drawn.ends, 0)
    data = b"".join((head, flags, *coded))
    return data + bytes(-len(data) % 4), box


def _character_map(codes: Sequence[int]) -> bytes:
    groups = b"".join([struct.pack(">LLL", c, c, n) for n, c in enumerate(codes, 1)])
    head = struct.pack(">HHHHL", 0, 1, 3, 10, 12)
    return head + struct.pack(">HHLLL", 12, 0, 16 + len(groups), 0, len(codes)) + groups


def _names(name: str) -> bytes:
    """The naming table with the PostScript name alone (name 6, Windows, US English)."""
    text = name.encode("utf-16-be")
    return struct.pack(">HHH6H", 0, 1, 18, 3, 1, 0x409, 6, len(text), 0) + text


def _file(tables: dict[str, bytes]) -> bytes:
    """The font file, its tables in the order of their tags."""
    count = len(tables)
    power = count.bit_length() - 1
    head = struct.pack(">LHHHH", 0x00010000, count, 16 << power, power, 16 * (count - (1 << power)))
    offset = 12 + 16 * count
    directory, body = [], []
    for tag, data in sorted(tables.items()):
        padded = data + bytes(-len(data) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}L", padded)) & 0xFFFFFFFF
        directory.append(struct.pack(">4sLLL", tag.encode("ascii"), total, offset, len(data)))
        offset += len(padded)
        body.append(padded)
    return b"".join((head, *directory, *body))
