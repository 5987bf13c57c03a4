"""Recognizing license texts: the very words, and nothing less."""

import importlib.metadata
import time
from pathlib import Path

import pytest

from weighbridge.licensing.derive import derive, fingerprints, merged
from weighbridge.licensing.fingerprints import known_texts, parse_fingerprints
from weighbridge.licensing.text import identify
from weighbridge.licensing.words import lenient, split_words
from weighbridge.model.errors import BoundExceeded

ROOT = Path(__file__).parents[3]


def installed(package: str, name: str) -> str:
    """A license file that an installed package carries."""
    files = importlib.metadata.files(package) or []
    found = next(file for file in files if str(file).endswith(name))
    return Path(str(found.locate())).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def apache() -> str:
    return (ROOT / "LICENSE").read_text()


@pytest.fixture(scope="module")
def mit() -> str:
    return installed("rich", "LICENSE")


def test_the_projects_own_license(apache: str) -> None:
    found = identify(apache)
    assert found.ids == ("Apache-2.0",)
    assert found.similarity_permille == 1000


@pytest.mark.parametrize(
    ("package", "name", "expected"),
    [
        ("rich", "LICENSE", "MIT"),
        ("packaging", "LICENSE.APACHE", "Apache-2.0"),
        ("packaging", "LICENSE.BSD", "BSD-2-Clause"),
        ("click", "LICENSE.txt", "BSD-3-Clause"),
        ("idna", "LICENSE.md", "BSD-3-Clause"),
        ("pikepdf", "LICENSE.txt", "MPL-2.0"),
    ],
)
def test_texts_as_they_go_round(package: str, name: str, expected: str) -> None:
    assert identify(installed(package, name)).ids == (expected,)


def test_layout_does_not_matter(mit: str) -> None:
    for text in (
        mit.upper(),
        "\r\n".join(mit.splitlines()),
        "\n".join("  # " + line for line in mit.splitlines()),
        mit.replace('"', "“"),
        "\ufeff" + mit,
        "# MIT License\n\n" + mit,
    ):
        assert identify(text).ids == ("MIT",), text[:60]


def test_who_holds_the_copyright_does_not_matter(mit: str) -> None:
    body = mit[mit.index("Permission") :]
    for statement in (
        "Copyright (c) 2026 Somebody",
        "Copyright 2019-2026 A, B and C\nAll rights reserved.",
        "Copyright © 2026, The Example Authors <mail@example.org>",
        "Copyright Example, Inc.",
        "(c) 2020 Example",
        "Copyright (c) 2010 A,\n              B and others",
    ):
        assert identify(f"{statement}\n\n{body}").ids == ("MIT",), statement


@pytest.mark.parametrize(
    "statement",
    [
        "Copyright (c) 2026 Somebody. Not for commercial use.",
        "Copyright (c) 2026 Somebody, for research only",
        "Copyright (c) 2026 Somebody. You may not train models.",
        "Copyright (c) 2026 Somebody\n    except for hospitals",
    ],
)
def test_terms_inside_a_copyright_line_are_seen(mit: str, statement: str) -> None:
    body = mit[mit.index("Permission") :]
    found = identify(f"{statement}\n\n{body}")
    assert found.ids == ()
    assert found.nearest == "MIT"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("without restriction", "with restriction"),
        ("sublicense, ", ""),
        ("free of charge", "for a fee"),
        ("and to permit", "and not to permit"),
    ],
)
def test_one_changed_word_makes_a_variant(mit: str, old: str, new: str) -> None:
    flat = " ".join(mit.split())
    assert old in flat
    found = identify(flat.replace(old, new).replace(" Permission is", "\nPermission is"))
    assert found.ids == ()
    assert found.nearest == "MIT"
    assert 900 < found.similarity_permille < 1000


def test_the_place_of_a_change_is_named(mit: str) -> None:
    lines = mit.splitlines()
    at = next(i for i, line in enumerate(lines) if "to deal" in line or "deal" in line)
    lines[at] = lines[at].replace("deal", "trade")
    assert identify("\n".join(lines)).places == (at + 1,)


def test_an_added_clause_is_seen(mit: str) -> None:
    found = identify(mit + "\nThe Software shall be used for Good, not Evil.\n")
    assert found.ids == ()
    assert found.held == ("MIT",)
    assert found.extra_words > 0


def test_a_heading_of_another_license_is_no_heading(mit: str) -> None:
    assert identify("Mozilla Public License 2.0\n\n" + mit).ids == ()


def test_two_texts_in_one_file(mit: str, apache: str) -> None:
    assert identify(apache + "\n\n" + mit).ids == ("Apache-2.0", "MIT")


def test_how_to_apply_belongs_to_its_own_license(mit: str, apache: str) -> None:
    notice = apache[apache.index("APPENDIX") :]
    assert identify(apache[: apache.index("APPENDIX")]).ids == ("Apache-2.0",)
    assert identify(mit + "\n" + notice).ids == ()
    assert identify(notice).ids == ()


def test_names_that_say_terms_are_no_names() -> None:
    bsd = installed("packaging", "LICENSE.BSD").replace("THE COPYRIGHT HOLDERS AND CONTRIBUTORS",
                                                        "EXAMPLE CORP.")  # fmt: skip
    assert identify(bsd).ids == ("BSD-2-Clause",)
    forbidding = bsd.replace("EXAMPLE CORP.", "EXAMPLE, WHO PERMITS RESEARCH ONLY")
    assert identify(forbidding).ids == ()


def test_something_else_is_like_nothing() -> None:
    found = identify("The quick brown fox jumps over the lazy dog. " * 40)
    assert found.ids == ()
    assert found.nearest == ""


@pytest.mark.parametrize("text", ["", " \n\t", "MIT", "Licensed under the MIT license.", "\0" * 99])
def test_a_mention_is_no_text(text: str) -> None:
    assert identify(text).ids == ()


@pytest.mark.parametrize(
    "text",
    ["a\n" * 60_000, "[" * 2**20, "[a](b)" * 30_000, "<p" * 60_000, "-" * 2**20,
     "neither the name of " * 12_000, "copyright (c) 2020 x\n" * 10_000],
    ids=["lines", "brackets", "links", "tags", "dashes", "slots", "statements"],
)  # fmt: skip
def test_hostile_texts_end(text: str) -> None:
    started = time.process_time()
    assert identify(text).ids == ()
    assert time.process_time() - started < 20


def test_the_bound(mit: str) -> None:
    with pytest.raises(BoundExceeded):
        identify("x" * (2**20 + 1))
    with pytest.raises(BoundExceeded):
        identify("\ufdfa" * 200_000)  # one character that NFKC makes eighteen


def test_an_anchor_over_and_over_is_bounded(mit: str) -> None:
    body = " ".join(mit[mit.index("Permission") :].split())
    repeated = (body.rsplit(" ", 1)[0] + " x ") * 200
    assert identify(repeated).ids == ()


def test_what_is_shipped_holds_no_text() -> None:
    rows = known_texts()
    assert len({(f.strict, f.sha256, f.passage) for f in rows}) == len(rows)
    folder = ROOT / "src/weighbridge/licensing"
    data = b"".join((folder / f"fingerprints.{end}").read_bytes() for end in ("json", "bin"))
    assert b"hereby granted" not in data


def test_shipped_model_licenses_are_strict() -> None:
    model = [f for f in known_texts() if f.id.startswith("LicenseRef-") or f.id == "OpenMDW-1.0"]
    assert len(model) >= 23
    assert all(f.strict for f in model)


HOUSE = "\n".join(
    f"{n}. The Licensee must keep record number {n} of every model that was made of part {n}."
    for n in range(1, 30)
)


def test_a_strict_text_takes_no_change_at_all() -> None:
    known = tuple(fingerprints("LicenseRef-house", "House License", HOUSE))
    assert identify(HOUSE, known).ids == ("LicenseRef-house",)
    assert identify(HOUSE.upper().replace("\n", "\n\n"), known).ids == ("LicenseRef-house",)
    for changed in (
        HOUSE.replace("must keep", "may keep", 1),
        HOUSE.replace("\n3. ", "\n4. "),  # clauses refer to each other by number
        HOUSE.replace("\n3. ", "\n"),
        HOUSE + "\nCopyright (c) 2026 Somebody else",
        "The Other License\n" + HOUSE,
    ):
        found = identify(changed, known)
        if "Copyright" in changed:
            assert found.ids == ("LicenseRef-house",)
        else:
            assert found.ids == (), changed[:80]
            assert found.nearest == "LicenseRef-house"


def test_ids_with_one_text_are_one_row() -> None:
    rows = merged([
        *fingerprints("GPL-9.0-or-later", "G", HOUSE), *fingerprints("GPL-9.0-only", "G", HOUSE),
    ])  # fmt: skip
    assert [(r.id, r.also) for r in rows] == [("GPL-9.0-only", ("GPL-9.0-or-later",))]


def test_derived_files_read_back(tmp_path: Path) -> None:
    (tmp_path / "LicenseRef-house.txt").write_text(HOUSE)
    (tmp_path / "source.json").write_text('{"name": "here"}')
    index, data = derive([tmp_path])
    assert (index, data) == derive([tmp_path])
    known = parse_fingerprints(index, data)
    assert identify(HOUSE, known).ids == ("LicenseRef-house",)
    assert b"Licensee" not in index + data


def test_line_numbers_are_an_editors() -> None:
    words = split_words("one\x0ctwo\x85three\nfour\r\nfive\rsix")
    assert [(w.text, w.line) for w in words][-3:] == [("four", 2), ("five", 3), ("six", 4)]


def test_spans_lead_back_to_the_words() -> None:
    words = split_words(
        "Neither the name of Example Org nor the names of its contributors may be used"
    )
    reading = lenient(words)
    assert "_" in reading.words
    covered = [i for begin, end in reading.spans for i in range(begin, end)]
    assert covered == list(range(len(words)))
