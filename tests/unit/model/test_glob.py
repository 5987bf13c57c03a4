"""Globs over artifact paths."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weighbridge.model.glob import matches


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("**", ["a", "a/b/c", ".hidden", "a\nb"], []),
        ("*.bin", ["w.bin", ".bin"], ["a/w.bin", "w.bin2", "w_bin"]),
        ("**/*.bin", ["w.bin", "a/w.bin", "a/b/w.bin"], ["w.bin/x"]),
        ("adapters/**", ["adapters/a", "adapters/a/b"], ["adapters", "adapters2/a"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["a/xb", "ab"]),
        ("w?.bin", ["w1.bin"], ["w/.bin", "w.bin", "w12.bin"]),
        ("[ab].bin", ["a.bin", "b.bin"], ["[ab].bin", "c.bin", "ab.bin"]),
        ("[[]ab].bin", ["[ab].bin"], ["a.bin"]),
        ("m-0[1-3]*", ["m-01", "m-03.x"], ["m-04", "m-0-"]),
        ("[!a-c]", ["d", "-"], ["a", "c", "", "dd"]),
        ("[]a]", ["]", "a"], ["[", "b"]),
        ("[!]]", ["a"], ["]"]),
        ("[a-]", ["a", "-"], ["b"]),
        ("a[", ["a["], ["a"]),
        ("a[b/c]d", ["a[b/c]d"], ["abd", "acd"]),
        ("*[0-9]", ["a1", "12"], ["a", "1a"]),
        ("w.bin", ["w.bin"], ["w.bin\n", "x/w.bin", "W.bin"]),
        ("a**b", ["ab", "axb"], ["a/b"]),
        ("***", ["a"], ["a/b"]),
        ("**/**", ["a", "a/b"], []),
        ("", [""], ["a"]),
    ],
)
def test_what_a_glob_matches(pattern, yes, no):
    assert [path for path in yes if not matches(path, pattern)] == []
    assert [path for path in no if matches(path, pattern)] == []


def test_many_stars_do_not_take_forever():
    # a policy may come from a stranger as well: no pattern may hang the audit
    begun = time.process_time()
    assert not matches("a/" * 500 + "x", "**/a/**/a/**/a/**/y")
    assert not matches("a" * 4000, "*a*a*a*a*b")
    assert not matches("/".join(["a" * 60] * 60), "**/*a*a*b/**/*a*a*b")
    assert time.process_time() - begun < 2


def _by_definition(parts: list[str], pattern: list[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return _by_definition(parts, pattern[1:]) or bool(
            parts and _by_definition(parts[1:], pattern)
        )
    return bool(parts) and _name(parts[0], pattern[0]) and _by_definition(parts[1:], pattern[1:])


def _name(name: str, pattern: str) -> bool:
    if not pattern:
        return not name
    if pattern[0] == "*":
        return _name(name, pattern[1:]) or bool(name and _name(name[1:], pattern))
    return bool(name) and pattern[0] in ("?", name[0]) and _name(name[1:], pattern[1:])


@given(
    st.lists(st.text("ab", max_size=3), min_size=1, max_size=4),
    st.lists(st.text("ab*?", max_size=3), min_size=1, max_size=4),
)
def test_it_agrees_with_the_definition(parts, pattern):
    below = [*pattern, "*"] if pattern[-1] == "**" else pattern
    assert matches("/".join(parts), "/".join(pattern)) == _by_definition(parts, below)


@given(st.text("ab]-![", max_size=4), st.text("ab]-![*?", max_size=6))
def test_sets_are_those_of_the_shell(name, pattern):
    """Within one name it is ``fnmatch``, but for the sets that fnmatch's own translation drops."""
    import fnmatch

    assert matches(name, pattern) == fnmatch.fnmatchcase(name, pattern)
