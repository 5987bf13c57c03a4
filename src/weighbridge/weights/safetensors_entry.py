"""The text of safetensors' entries: the usual one by an expression, any other by a strict parser.

Source: the format section of the safetensors README, RFC 8259, and what its library refuses.
"""

from __future__ import annotations

import json
import re

from weighbridge.model.errors import HostileInput

COUNT = 2**64  # the library counts in 64 bits and refuses what overflows (ValidationOverflow)
# An entry as the library writes it, which is nearly every entry there is: read in one step.
_NUMBER = r"(?:0|[1-9][0-9]{0,17})"
_DESCRIPTION = (
    r' ?\{"dtype": ?"([A-Z0-9_]++)", ?"shape": ?'
    rf"\[({_NUMBER}(?:, ?{_NUMBER})*+|)\], ?"
    rf'"data_offsets": ?\[({_NUMBER}), ?({_NUMBER})\]\}}([,}}]) ?'
)
_ESCAPED = r'(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))++'
ENTRY = re.compile(f'"({_ESCAPED})":{_DESCRIPTION}')


def unescaped(raw: str) -> str:
    """What a name with escapes stands for; each of them is one that exists.

    Raises:
        HostileInput: one is half of a surrogate pair.
    """
    text = str(_TEXT.raw_decode(f'"{raw}"')[0])
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise HostileInput("a string of the header holds half of a surrogate pair") from error
    return text


def _strict(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a key stands twice")
    return table


def _integer(text: str) -> int:
    """A count as the library takes it: no sign, no more than 64 bits."""
    if text.startswith("-") or len(text) > 20 or int(text) >= COUNT:
        raise ValueError("a number is no count")
    return int(text)


def _constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


DECODER = json.JSONDecoder(object_pairs_hook=_strict, parse_int=_integer, parse_constant=_constant)
_TEXT = json.JSONDecoder()
