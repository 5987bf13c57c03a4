"""Text from strangers, made safe to show."""

from __future__ import annotations

# Bidirectional controls can make a line read differently from what it says (CVE-2021-42574).
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def visible(text: str, limit: int = 500) -> str:
    """One line of text with every control, format and surrogate character written as an escape.

    Args:
        text: any string.
        limit: characters to keep; what is cut is counted in the result.
    """
    if text.isascii() and text.isprintable() and len(text) <= limit:
        return text
    import unicodedata

    shown = []
    for character in text[:limit]:
        category = unicodedata.category(character)
        if character in _BIDI or category in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
            code = ord(character)
            shown.append(f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
                         if code < 0x10000 else f"\\U{code:08x}")  # fmt: skip
        else:
            shown.append(character)
    cut = len(text) - limit
    return "".join(shown) + (f"… ({cut} more characters)" if cut > 0 else "")


def paragraph(text: str, limit: int = 2000) -> str:
    """:func:`visible`, with line breaks kept as they are: for messages of several lines."""
    return "\n".join(visible(line, limit) for line in text.splitlines())
