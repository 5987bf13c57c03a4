"""BibTeX: braces gone wrong first, then what is read."""

import time

import pytest

from weighbridge.edge.bibtex import (
    MAX_CHARACTERS,
    MAX_ENTRIES,
    is_bibtex,
    names,
    parse_bibtex,
    plain,
)
from weighbridge.model.errors import BoundExceeded, HostileInput


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("@misc{a, title={x}", "line 1 of the BibTeX is never closed"),
        ("\n\n@misc{a,\n title={x}\n", "line 3"),
        ("@misc{a,\n title={x,\n", "line 2"),
        ("@misc{a, title={x}}}", "closes nothing"),
        ("@misc{a, title={x}}, year={2020}}", "closes nothing"),
        ('@misc{a, title="x}', "'\"' is missing"),
        ('@misc{a, title="x{"}', "is never closed"),
        ("@misc{a, {x}}", "where a field should begin"),
        ("@misc{a, title={x}{y}}", "where a field should begin"),
        ("@comment{x", "never closed"),
        ("@misc(a, title={x}", "never closed"),
    ],
)
def test_braces_gone_wrong_are_told_with_their_line(text: str, says: str) -> None:
    with pytest.raises(HostileInput) as caught:
        parse_bibtex(text)
    assert says in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "x" * (MAX_CHARACTERS + 1),
        "@misc{a}" * (MAX_ENTRIES + 1),
        "@misc{a," + "".join(f"f{i}=1," for i in range(300)) + "}",
        '@string{a="' + "x" * 999 + '"}' + "".join(
            f"@string{{{chr(98 + i)}={chr(97 + i)}#{chr(97 + i)}}}" for i in range(15)
        ),
    ],
    ids=["long", "entries", "fields", "macros"],
)  # fmt: skip
def test_bounds(text: str) -> None:
    with pytest.raises(BoundExceeded):
        parse_bibtex(text)


@pytest.mark.parametrize(
    "text",
    ["@a{b, t=" + "x#" * 90_000, "@" * 200_000, "@a{" + "b " * 90_000, "@a{k," + 'b="{' * 40_000,
     "@a{b," + "c={" * 60_000, "{" * 200_000],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    started = time.perf_counter()
    try:
        parse_bibtex(text)
    except HostileInput as error:
        assert error.message
    assert time.perf_counter() - started < 5


def test_an_entry_is_read_as_bibtex_reads_it() -> None:
    text = (
        'Anything here is a comment, { too.\n@string{conf = "Proc. "}\n@comment{no {entry}}\n'
        '@InProceedings{key:1,\n  Title = {A {B} \\"{o}},\n  author="Doe, Jo" # " and " # {X},\n'
        "  booktitle = conf # {of X} year = 2020, month=jan,,\n}\n@misc(k2, note={a)b})"
    )
    first, second = parse_bibtex(text)
    assert (first.kind, first.key) == ("inproceedings", "key:1")
    assert first.get("title") == 'A {B} \\"{o}'
    assert first.get("author") == "Doe, Jo and X"
    assert first.get("booktitle") == "Proc. of X"
    assert (first.get("year"), first.get("month"), first.get("none")) == ("2020", "jan", "")
    assert (second.key, second.get("note")) == ("k2", "a)b")


def test_a_missing_key_is_no_error() -> None:
    assert parse_bibtex("@misc{title={x}}")[0].key == ""
    assert parse_bibtex("@misc{, title={x}}")[0].get("title") == "x"
    assert parse_bibtex("@misc{a, x, title={y}}")[0].get("title") == "y"


def test_what_is_bibtex() -> None:
    assert is_bibtex(" @misc{a}")
    assert not is_bibtex("Doe (2020). See @misc{a}")
    assert not is_bibtex("@handle on a network")


def test_names_and_letters() -> None:
    people = "Doe, J{\\'e}r{\\^o}me and {The Org of A and B} and Jo van Dam and others"
    assert names(people) == (("Doe", "Jérôme"), ("The Org of A and B", ""), ("Dam", "Jo van"))
    assert plain("Stra{\\ss}e \\& {\\O}re~50\\% \\emph{x} \\'{\\i}") == "Straße & Øre 50% x í"
    assert names("") == ()
