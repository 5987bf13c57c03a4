"""The trailers of a commit message, found where git finds them.

Source: git-interpret-trailers(1), and the behavior of ``git log --format=%(trailers)`` without any
configuration: the last paragraph counts if all its lines are trailers, or if one of them is
``Signed-off-by:`` or git's own cherry-pick line and at least a quarter of them are trailers. The
first paragraph is the title and holds none.
"""

from __future__ import annotations

from dataclasses import dataclass

_COMMENT = b"#"
_OWN = (b"Signed-off-by: ", b"(cherry picked from commit ")
_SCISSORS = b"# ------------------------ >8 ------------------------\n"
_SPACE = b" \t\n\v\f\r"
_NAME = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
MAX_MESSAGE = 1024 * 1024  # bytes of a message that are looked at, counted from its end
_MAX_VALUE = 2000  # characters of a value that are kept


@dataclass(frozen=True, slots=True)
class Trailer:
    """``key`` as it was written, ``value`` on one line."""

    key: str
    value: str


def trailers_of(message: bytes) -> tuple[Trailer, ...]:
    """The trailers of a message, in its order.

    Of a message longer than :data:`MAX_MESSAGE` only the end is looked at, which is where they are.
    """
    if len(message) > MAX_MESSAGE:
        message = message[-MAX_MESSAGE:]
    message = message.split(b"\0", 1)[0]
    if b":" not in message:
        return ()
    lines = _lines(message[: len(message) - _ignored(message)])
    return tuple(_read(lines[_block_start(lines) :]))


def split_message(payload: bytes) -> bytes:
    """The message of a commit object: what follows its headers, from the first line with text."""
    message = payload.partition(b"\n\n")[2]
    start = len(message) - len(message.lstrip(_SPACE))
    return message[message.rfind(b"\n", 0, start) + 1 :]


def _lines(data: bytes) -> list[bytes]:
    *whole, last = data.split(b"\n")
    return [line + b"\n" for line in whole] + ([last] if last else [])


def _ignored(message: bytes) -> int:
    """How many bytes at the end git passes over: comments, blank lines, an old conflict list."""
    cutoff = len(message)
    if message.startswith(_SCISSORS):
        cutoff = 0
    else:
        at = message.find(b"\n" + _SCISSORS)
        cutoff = at + 1 if at >= 0 else cutoff
    run = 0  # where the run that is passed over begins; 0 for none, as in git
    conflicts = False
    at = 0
    for line in _lines(message[:cutoff]):
        if line.startswith(_COMMENT) or line == b"\n":
            run = run or at
        elif line == b"Conflicts:\n":
            conflicts = True
            run = run or at
        elif not (conflicts and line.startswith(b"\t")) and run:
            run, conflicts = 0, False
        at += len(line)
    return len(message) - (run or cutoff)


def _block_start(lines: list[bytes]) -> int:
    """The index of the first line of the trailer block; the number of lines where there is none."""
    title = 0
    for title, line in enumerate(lines):  # noqa: B007
        if not line.startswith(_COMMENT) and not line.strip(_SPACE):
            break
    else:
        title = len(lines)
    own = False
    blank_so_far = True
    trailers = others = continued = 0
    for index in range(len(lines) - 1, title - 1, -1):
        line = lines[index]
        if line.startswith(_COMMENT):
            others += continued
            continued = 0
        elif not line.strip(_SPACE):
            if blank_so_far:
                continue
            others += continued
            if (own and trailers * 3 >= others) or (trailers and not others):
                return index + 1
            return len(lines)
        else:
            blank_so_far = False
            if line.startswith(_OWN):
                trailers, continued, own = trailers + 1, 0, True
            elif line[:1] in (b" ", b"\t", b"\v", b"\f", b"\r"):
                continued += 1
            elif _separator(line) >= 1:
                trailers, continued = trailers + 1, 0
            else:
                others, continued = others + 1 + continued, 0
    return len(lines)


def _separator(line: bytes) -> int:
    """Where the colon after a key stands, -1 where the line is no trailer."""
    spaces = False
    for index, byte in enumerate(line):
        if byte == 0x3A:
            return index
        if not spaces and byte in _NAME:
            continue
        if index and byte in b" \t":
            spaces = True
            continue
        break
    return -1


def _read(lines: list[bytes]) -> list[Trailer]:
    joined: list[bytes] = []
    open_trailer = False
    for line in lines:
        if open_trailer and line[:1] in (b" ", b"\t", b"\v", b"\f", b"\r", b"\n"):
            joined[-1] += line
            continue
        open_trailer = _separator(line) >= 1
        joined.append(line)
    found = []
    for line in joined:
        at = _separator(line)
        if at >= 1 and not line.startswith(_COMMENT):
            found.append(Trailer(_text(line[:at].strip(_SPACE)), _text(_unfold(line[at + 1 :]))))
    return found


def _unfold(value: bytes) -> bytes:
    """A continuation's line break and indent are one space."""
    first, *rest = value.strip(_SPACE).split(b"\n")
    return b" ".join([first, *(line.lstrip(_SPACE) for line in rest)]).strip(_SPACE)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")[:_MAX_VALUE]
