"""Tests that name a rule or a clause, found by reading lines: no test is imported or parsed.

A test names a clause with ``Legal-Ref: CLAUSE`` on a line of its own, in a comment inside or right
above the function, or in its docstring. It names a rule by the rule's id anywhere on a line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from weighbridge.model.errors import HostileInput
from weighbridge.snapshot.git_objects import read_regular

MAX_FILES = 20_000  # test files read
MAX_ENTRIES = 500_000  # names looked at on the way
MAX_BYTES = 1024 * 1024  # of one file
_NAME = re.compile(r"(?:test_.*|.*_test)\.py")
_DEF = re.compile(r"(?P<indent>\s*)(?:async\s+)?def\s+(?P<name>test\w*)\s*\(")
_ABOVE = re.compile(r"\s*(?:#|@)")
_MARK = re.compile(r"""^\s*(?:\#\s*|["']{3}\s*)?Legal-Ref:\s*(?P<value>\S.*?)\s*(?:["']{3})?\s*$""")
_SKIPPED = frozenset({".git", ".venv", "venv", "node_modules", "__pycache__", "site-packages"})


@dataclass(frozen=True, slots=True)
class Mention:
    """``what`` is a rule's id, or what stands after ``Legal-Ref:`` (``is_mark``)."""

    path: str
    line: int
    name: str
    what: str
    is_mark: bool


def mentions(top: Path, rules: Collection[str], problems: list[str]) -> list[Mention]:
    """What the test files below a folder name, in the order of their paths.

    Links are not followed. What cannot be read is added to ``problems``.
    """
    pattern = "|".join(sorted((re.escape(rule) for rule in rules), key=len, reverse=True))
    named = re.compile(rf"(?<![\w-])(?:{pattern or '(?!)'})(?![\w-])")
    found: list[Mention] = []
    for path in _test_files(top, problems):
        shown = path.relative_to(top).as_posix()
        try:
            text = read_regular(path, MAX_BYTES).decode("utf-8", "replace")
        except HostileInput as error:
            problems.append(f"{shown}: {error.message}")
        except OSError as error:
            problems.append(f"{shown} cannot be read: {error.strerror}")
        else:
            found += _of_file(shown, text.split("\n"), named)
    return found


def _test_files(top: Path, problems: list[str]) -> Iterator[Path]:
    entries = files = 0
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        entries += len(folders) + len(names)
        for name in sorted(names):
            if _NAME.fullmatch(name):
                files += 1
                if files <= MAX_FILES:
                    yield Path(folder, name)
        if entries > MAX_ENTRIES or files > MAX_FILES:
            problems.append(f"only {MAX_FILES} test files among {MAX_ENTRIES} names were read")
            return


def _of_file(path: str, lines: list[str], named: re.Pattern[str]) -> Iterator[Mention]:
    functions = _functions(lines)
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(lines, start=1):
        name = functions[number - 1]
        mark = _MARK.match(line) if "Legal-Ref:" in line else None
        if mark is not None:
            yield Mention(path, number, name, mark["value"], is_mark=True)
            continue
        for match in named.finditer(line):
            if (name, match[0]) not in seen:
                seen.add((name, match[0]))
                yield Mention(path, number, name, match[0], is_mark=False)


def _functions(lines: list[str]) -> list[str]:
    """For each line the test function it is in or right above, empty for none."""
    owners = [""] * len(lines)
    current, depth = "", 0
    above = 0  # the first of the comments and decorators just before this line
    for index, line in enumerate(lines):
        start = _DEF.match(line)
        if start is not None:
            current, depth = start["name"], len(start["indent"])
            for before in range(above, index):
                owners[before] = current
        elif line.strip() and len(line) - len(line.lstrip()) <= depth and line[:1] not in ")]}":
            current = ""
        owners[index] = current
        if not _ABOVE.match(line):
            above = index + 1
    return owners
