"""The files of fingerprints, and what is shown where a text differs from a known one."""

import json
from pathlib import Path

import pytest

from weighbridge.licensing.derive import derive, fingerprints, main
from weighbridge.licensing.fingerprints import (
    DATA_FILE,
    INDEX_FILE,
    known_texts,
    parse_fingerprints,
    run_hashes,
    sampled,
    shingle,
)
from weighbridge.licensing.hub_ids import HUB_IDS
from weighbridge.licensing.text import identify
from weighbridge.licensing.words import split_words, strict

ROOT = Path(__file__).parents[3]
APACHE = (ROOT / "LICENSE").read_text()
CLAUSES = [
    f"{n}. The Licensee must keep record number {n} of every model that was made of part {n}, and "
    f"may show it to {n} others."
    for n in range(1, 40)
]
HOUSE = "\n".join(CLAUSES)


@pytest.fixture
def files(tmp_path: Path) -> tuple[bytes, bytes]:
    (tmp_path / "LicenseRef-house.txt").write_text(HOUSE)
    (tmp_path / "Apache-2.0.txt").write_text(APACHE)
    (tmp_path / "names.json").write_text('{"Apache-2.0": "Apache License 2.0"}')
    return derive([tmp_path])


def test_data_that_is_not_the_indexes_is_refused(files: tuple[bytes, bytes]) -> None:
    index, data = files
    for bad in (data[:-1], data[1:], b"", data + b"\0"):
        with pytest.raises(ValueError, match=DATA_FILE):
            parse_fingerprints(index, bad)
    body = json.loads(index)
    for change in ({"schema": "x"}, {"columns": ["id"]}):
        with pytest.raises(ValueError, match="schema"):
            parse_fingerprints(json.dumps({**body, **change}).encode(), data)


def test_what_is_written_is_what_is_read(files: tuple[bytes, bytes]) -> None:
    known = {f.id: f for f in parse_fingerprints(*files) if not f.passage}
    (loose,) = fingerprints("LicenseRef-house", "LicenseRef-house", HOUSE)
    assert known["LicenseRef-house"].shingle_set() == loose.shingle_set()
    hashes = run_hashes(strict(split_words(HOUSE)))
    assert loose.shingle_set() == {shingle(h) for h in hashes}
    assert identify(HOUSE, tuple(known.values())).ids == ("LicenseRef-house",)


def test_texts_that_share_words_share_bytes(tmp_path: Path) -> None:
    (tmp_path / "LicenseRef-a.txt").write_text(HOUSE)
    one = len(derive([tmp_path])[1])
    (tmp_path / "LicenseRef-b.txt").write_text(HOUSE.replace("must", "may", 1))
    assert len(derive([tmp_path])[1]) < one + 60


def test_long_texts_that_no_card_names_are_thinned(tmp_path: Path) -> None:
    other = " ".join(f"word{n * n} and bird{n} of the house {n}" for n in range(400))
    near = APACHE.replace("trademarks", "marks")
    for name, text in (("Apache-2.0", APACHE), ("Pixar", near), ("OGL-UK-3.0", other)):
        (tmp_path / f"{name}.txt").write_text(text)
    every = {f.id: f.every for f in parse_fingerprints(*derive([tmp_path])) if not f.passage}
    assert every == {"Apache-2.0": 1, "Pixar": 1, "OGL-UK-3.0": 16}
    hashes = {shingle(h) for h in run_hashes(strict(split_words(other)))}
    assert 0 < len(sampled(hashes, 16)) < len(hashes) / 8


def test_the_command_writes_both_files(tmp_path: Path) -> None:
    texts, out = tmp_path / "texts", tmp_path / "out"
    texts.mkdir()
    out.mkdir()
    (texts / "LicenseRef-house.txt").write_text(HOUSE)
    main(["-o", str(out), str(texts)])
    known = parse_fingerprints((out / INDEX_FILE).read_bytes(), (out / DATA_FILE).read_bytes())
    assert [f.id for f in known] == ["LicenseRef-house"]


def test_the_shipped_files_are_small_and_whole_where_it_matters() -> None:
    folder = ROOT / "src" / "weighbridge" / "licensing"
    assert sum((folder / name).stat().st_size for name in (INDEX_FILE, DATA_FILE)) < 800_000
    named = {i for hub in HUB_IDS.values() for i in hub.ids}
    for text in known_texts():
        if text.strict or text.id in named:
            assert text.every == 1, text.id
        if not text.passage:
            assert text.shingle_set(), text.id


@pytest.mark.parametrize(
    ("old", "new", "line", "words", "section"),
    [
        ("may show it to 7 others", "may never show it to 7 others", 7, "never", "7"),
        ("show it to 12 others", "show it to 1200 others", 12, "1200", "12"),
        (CLAUSES[19] + "\n", "", 20, "", "21"),
        ("Licensee must keep record number 30", "Licensee must keep number 30", 30, "", "30"),
    ],
)
def test_where_and_how_a_text_differs(
    old: str, new: str, line: int, words: str, section: str
) -> None:
    known = tuple(fingerprints("LicenseRef-house", "House License", HOUSE))
    assert HOUSE.count(old) == 1
    found = identify(HOUSE.replace(old, new), known)
    assert (found.ids, found.nearest) == ((), "LicenseRef-house")
    assert found.missing_runs > 0
    (difference,) = found.differences
    assert (difference.line, difference.words, difference.section) == (line, words, section)


def test_a_change_that_the_text_has_elsewhere_is_refused_without_a_place() -> None:
    known = tuple(fingerprints("LicenseRef-house", "House License", HOUSE))
    found = identify(HOUSE.replace("keep record number 12", "keep record number 13"), known)
    assert (found.ids, found.nearest, found.differences) == ((), "LicenseRef-house", ())
    assert found.missing_runs > 0


def test_words_after_the_end_are_shown_and_bounded() -> None:
    known = tuple(fingerprints("LicenseRef-house", "House License", HOUSE))
    found = identify(f"{HOUSE}\n\nNo bird may be frightened. {'And so on. ' * 300}", known)
    last = found.differences[-1]
    assert last.words.startswith("no bird may be frightened and so on")
    assert last.words.endswith("…")
    assert len(last.words) < 400


def test_what_stands_after_the_terms_is_no_difference() -> None:
    found = identify(APACHE.replace("irrevocable", "revocable", 1))
    assert (found.ids, found.nearest) == ((), "Apache-2.0")
    assert [(d.words, d.section) for d in found.differences] == [("revocable", "2")]
    assert found.similarity_permille > 990
