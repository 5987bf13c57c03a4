"""What the writer of a file may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LISTED = 12


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``Did you mean 'x'?``, or what is known where nothing comes close."""
    names = sorted(str(name) for name in known)
    near = difflib.get_close_matches(word[:100], names, 1, 0.6)
    if near:
        return f"Did you mean {near[0]!r}?"
    if not names:
        return "None is known."
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"Known: {', '.join(names[:_LISTED])}{more}."
