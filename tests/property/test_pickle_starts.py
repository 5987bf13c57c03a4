"""Where pickles may begin in damaged data: the same places as one plain pattern finds."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from weighbridge.weights.pickle.stream import _Starts

PLAIN = re.compile(
    rb"\x80[\x00-\x05][\x95\x8c\x8e\x8f}\])(cXUTCBKNJMGIVS]"
    rb"|[ci][A-Za-z_][\w.]{0,200}\n[A-Za-z_][\w.]{0,200}\n"
    rb"|\x8c.[A-Za-z_][\w.]{0,200}\x94?\x8c.[A-Za-z_][\w.]{0,200}\x94?\x93",
    re.S,
)
PIECES = st.sampled_from(
    [b"c", b"i", b"os", b"\n", b"system\n", b"posix\nsystem\n", b"\x80\x04", b"\x8c", b"\x93",
     b"\x8c\x05posix", b"\x94", b" ", b"A" * 150, b"c" * 180, b"c" * 203, b"1", b".", b"\x80\x02c"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14).map(b"".join), st.integers(1, 4))
@settings(max_examples=400, deadline=None)
def test_the_places_are_those_of_the_plain_pattern(window: bytes, step: int) -> None:
    expected, position = [], 0
    while (match := PLAIN.search(window, position)) is not None:
        expected.append(match.start())
        position = match.start() + step
    found, position, starts = [], 0, _Starts(window)
    while (match := starts.behind(position)) is not None:
        found.append(match.start())
        position = match.start() + step
    assert found == expected
